import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LocalCli, nativeRuntime, nestedStack } from './support/local-cli';

let cli: LocalCli;
beforeAll(async () => {
  cli = new LocalCli();
  await cli.start();
  cli.writeAssembly('cdk.out', {
    Coder255F68E9: nativeRuntime('coder', 'Stack/Coder/Resource'),
    Reviewer0A0B0C0D: nativeRuntime('reviewer', 'Stack/Reviewer/Resource'),
  }, { outputs: { CoderArn: { Value: { 'Fn::GetAtt': ['Coder255F68E9', 'AgentRuntimeArn'] } } } });
  expect(cli.run(['local', 'deploy', 'cdk.out']).status).toBe(0);
  cli.writeAssembly('other.out', { Role: { Type: 'AWS::IAM::Role' }, Absent01234567: nativeRuntime('absent', 'Other/Absent/Resource') }, { stackName: 'Other' });
  cli.writeAssembly('one.out', { Tester11111111: nativeRuntime('tester') }, { stackName: 'One' });
  expect(cli.run(['local', 'deploy', 'one.out']).status).toBe(0);
});
afterAll(async () => cli.end());

/** Which runtime `doctor` would look at. */
const found = (...args: string[]) => {
  const { checks } = JSON.parse(cli.run(['doctor', '--json', '--qualifier', 'none', ...args]).stdout) as {
    checks: { name: string; status: string; detail: string; remedy?: string }[];
  };
  const { status, detail, remedy } = checks.find(({ name }) => name === 'runtime')!;
  return status === 'ok' ? detail.replace(/-.*$/, '') : `${detail}; ${remedy}`;
};

test.each([
  ['its path', ['--runtime', 'Stack/Coder'], 'coder'],
  ['the path of its L1 child', ['--runtime', '/Stack/Coder/Resource'], 'coder'],
  ['the end of its path', ['--runtime', 'Reviewer'], 'reviewer'],
  ['its logical id', ['--runtime', 'Reviewer0A0B0C0D'], 'reviewer'],
  ['stack and construct', ['--stack', 'Stack', '--runtime', 'Coder'], 'coder'],
  ['a stack that has one only', ['--stack', 'One'], 'tester'],
  ['a stack of another app', ['--app', 'one.out', '--runtime', 'Tester'], 'tester'],
])('a runtime is found by %s', (_, args, name) => {
  expect(found(...args)).toBe(name);
});

test.each<[string, string[], RegExp]>([
  ['several in the stack', ['--stack', 'Stack'], /stack Stack has several runtimes.*Stack\/Coder \(coder-.*\), Stack\/Reviewer \(reviewer-/],
  ['none of that name', ['--runtime', 'Planner'], /no runtime called Planner in stack Stack.*there are Stack\/Coder/],
  ['a stack that is not deployed', ['--stack', 'Other', '--app', 'other.out'], /stack Other is not deployed.*local deploy/],
  ['several in all', [], /there are 3 runtimes in us-east-1.*name one with --runtime: Stack\/Coder/],
  ['an id that is not there', ['--runtime', 'coder-0000000000'], /there is no runtime coder-0000000000 in us-east-1.*coder-/],
  ['an ARN that is none', ['--runtime', 'arn:aws:s3:::bucket'], /is not the ARN of a runtime/],
  ['the ARN of an endpoint', ['--runtime', 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/coder-0123456789/runtime-endpoint/prod'], /--qualifier prod/],
  ['an outputs file without a stack', ['--outputs-file', 'outputs.json'], /Name the stack with --stack/],
  ['an app that is none', ['--app', 'nowhere', '--runtime', 'Coder'], /is not a cloud assembly.*cdk synth/],
])('%s is told with those that there are', (_, args, message) => {
  expect(found(...args)).toMatch(message);
});

test('the output of a stack, from the file that cdk deploy has written', () => {
  const { stacks } = JSON.parse(cli.run(['local', 'deploy', 'cdk.out', '--json']).stdout);
  writeFileSync(join(cli.home, 'outputs.json'), JSON.stringify({ Stack: stacks[0].outputs }));
  expect(found('--outputs-file', 'outputs.json', '--stack', 'Stack')).toBe('coder');
});

describe('in nested stacks', () => {
  const logicalId = (name: string) => `${name}NestedStack${name}NestedStackResource01234567`;
  const [first, second] = ['First', 'Second'].map(logicalId);

  beforeAll(() => {
    cli.writeAssembly('nested.out', { [first]: nestedStack('first'), [second]: nestedStack('second') }, {
      stackName: 'Nest',
      nested: {
        first: { AgentAAAAAAAA: nativeRuntime('inner_first', 'Nest/First/Agent/Resource') },
        second: { AgentAAAAAAAA: nativeRuntime('inner_second', 'Nest/Second/Agent/Resource'), Deep: nestedStack('deep') },
        deep: { AgentAAAAAAAA: nativeRuntime('inner_deep') },
      },
    });
    const { status, stdout } = cli.run(['local', 'deploy', 'nested.out']);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(new RegExp(`Nest-${second}-[A-Z0-9]{12}-Deep-[A-Z0-9]{12}/AgentAAAAAAAA\\n`));
  });
  afterAll(() => {
    expect(cli.run(['local', 'destroy', 'nested.out']).status).toBe(0);
  });

  test.each([
    ['its path', 'Nest/Second/Agent', 'inner_second'],
    ['the end of its path', 'First/Agent', 'inner_first'],
  ])('a runtime is found by %s', (_, runtime, name) => {
    expect(found('--app', 'nested.out', '--runtime', runtime)).toBe(name);
  });

  test('several are told by their paths, those of which no path is known by logical ids', () => {
    expect(found('--stack', 'Nest', '--app', 'nested.out')).toMatch(
      new RegExp(`has several runtimes.*Nest/First/Agent \\(inner_first-.*, Nest/Second/Agent \\(inner_second-.*, Nest/${second}/Deep/AgentAAAAAAAA \\(inner_deep-`),
    );
    expect(found('--app', 'nested.out', '--runtime', 'Agent')).toMatch(/several runtimes called Agent/);
  });

  test('a nested stack is not destroyed by itself', () => {
    const states = readdirSync(join(cli.home, '.agentcore-local/stacks'), { recursive: true, encoding: 'utf8' });
    const [name] = /Nest-First\w+-[A-Z0-9]{12}(?=\.json)/.exec(states.join('\n'))!;
    const { status, stderr } = cli.run(['local', 'destroy', '--stack', name]);
    expect({ status, stderr }).toEqual({
      status: 125, stderr: `cdk-agentcore: stack ${name} cannot be destroyed by itself: it is nested in stack Nest; name stack Nest instead\n`,
    });
  });
});

describe('in CloudFormation', () => {
  const ARN = 'arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/coder-0123456789';
  let aws: Server;
  let calls: { path: string; body: string; authorization: string }[];
  let answers: Record<string, string>;

  beforeEach(async () => {
    calls = [];
    aws = createServer(async (request, response) => {
      const body = await text(request);
      calls.push({ path: request.url!, body, authorization: String(request.headers.authorization) });
      const action = new URLSearchParams(body).get('Action');
      if (action !== null) {
        const form = new URLSearchParams(body);
        const answer = answers[`${action} ${form.get('StackName')}`] ?? answers[`${action} ${form.get('NextToken') ?? ''}`.trim()];
        response.writeHead(answer.startsWith('<ErrorResponse') ? 400 : 200, { 'content-type': 'text/xml' }).end(answer);
      } else {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ agentRuntimeArn: ARN, status: 'READY' }));
      }
    });
    aws.listen(0, '127.0.0.1');
    await once(aws, 'listening');
  });
  afterEach(async () => {
    aws.closeAllConnections();
    await new Promise((resolve) => aws.close(resolve));
  });

  /** Prints the name of the log group of the runtime, which needs nothing but its ARN. */
  async function logs(...args: string[]) {
    const url = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const child = cli.spawn(['logs', ...args], {
      CDK_AGENTCORE_ENDPOINT: undefined,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: url,
    });
    child.stdout!.resume();
    const [stderr, [status]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    return { status, stderr };
  }

  const resources = (...members: [string, string, string, string?][]) => `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members
    .map(([id, type, physical, status = 'CREATE_COMPLETE']) => `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>${type}</ResourceType>`
      + `<PhysicalResourceId>${physical}</PhysicalResourceId><ResourceStatus>${status}</ResourceStatus></member>`).join('')}</StackResourceSummaries>`;

  test('by all pages of the resources of its stack, in the region of the stack', async () => {
    cli.writeAssembly('eu.out', { Coder255F68E9: nativeRuntime('coder') }, { stackName: 'Eu', region: 'eu-west-1' });
    answers = {
      'ListStackResources': `${resources(['Old', 'Custom::AgentCoreRuntime', 'old-0123456789', 'DELETE_COMPLETE'])}<NextToken>a&amp;b</NextToken>`,
      'ListStackResources a&b': resources(['Coder255F68E9', 'Custom::AgentCoreRuntime', 'coder-0123456789'], ['Bucket', 'AWS::S3::Bucket', 'x']),
    };
    expect(await logs('--app', 'eu.out', '--stack', 'Eu')).toMatchObject({ status: 0, stderr: '' });
    expect(calls[0].authorization).toContain('/eu-west-1/cloudformation/aws4_request');
    expect(calls.map(({ path }) => path)).toEqual(['/', '/', '/runtimes/coder-0123456789/', '/']);
    expect(JSON.parse(calls[3].body)).toMatchObject({ logGroupName: '/aws/bedrock-agentcore/runtimes/coder-0123456789-DEFAULT' });
  });

  test('by its path in a nested stack', async () => {
    const nested = 'arn:aws:cloudformation:us-east-1:111122223333:stack/Aws-First/1';
    cli.writeAssembly('aws.out', { First: nestedStack('first') }, { stackName: 'Aws', nested: { first: { Coder255F68E9: nativeRuntime('coder', 'Aws/First/Coder/Resource') } } });
    answers = {
      ListStackResources: resources(['First', 'AWS::CloudFormation::Stack', nested]),
      [`ListStackResources ${nested}`]: resources(['Coder255F68E9', 'Custom::AgentCoreRuntime', 'coder-0123456789']),
    };
    expect(await logs('--app', 'aws.out', '--runtime', 'Aws/First/Coder')).toMatchObject({ status: 0, stderr: '' });
  });

  test('by its outputs, where the stack makes none itself', async () => {
    answers = {
      ListStackResources: resources(['Bucket', 'AWS::S3::Bucket', 'x']),
      DescribeStacks: `<Stacks><member><Outputs><member><OutputKey>Agent</OutputKey><OutputValue>${ARN}</OutputValue></member></Outputs></member></Stacks>`,
    };
    expect(await logs('--stack', 'Imported')).toMatchObject({ status: 0, stderr: '' });
  });

  test('a stack that is not there, and one that may not be looked at', async () => {
    const error = (code: string, message: string) => `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    answers = { ListStackResources: error('ValidationError', 'Stack with id Absent does not exist') };
    expect(await logs('--stack', 'Absent')).toMatchObject({ status: 125, stderr: expect.stringMatching(/^cdk-agentcore: stack Absent is not deployed, by CloudFormation[^\n]*\n$/) });
    answers = { ListStackResources: error('AccessDenied', 'User: x is not authorized to perform: cloudformation:ListStackResources') };
    expect(await logs('--stack', 'Absent')).toMatchObject({ status: 125, stderr: expect.stringContaining('not authorized to perform: cloudformation:ListStackResources') });
  });
});
