import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FakeEndpoint } from './fake-endpoint';
import { scratchDirectory, writeFiles } from './scratch';
import { deploy, destroy, FunctionLogLine, StackEvent } from '../../../src/local/deployer';
import { Template } from '../../../src/local/deployer/template/template';

/** Keeps no state, logs what it is asked, and fails for `Fail: <request type>`. */
const HANDLER = (version: string) => `
  exports.handler = async (event) => {
    const { RequestType, PhysicalResourceId, ResourceProperties: p, OldResourceProperties: old } = event;
    console.log(['${version}', RequestType, event.LogicalResourceId, PhysicalResourceId ?? '-', JSON.stringify(p.Value), JSON.stringify(old && old.Value)].join(' '));
    const failed = p.Fail === RequestType;
    const body = JSON.stringify({
      Status: failed ? 'FAILED' : 'SUCCESS', Reason: failed ? 'as told' : undefined, PhysicalResourceId: PhysicalResourceId ?? 'thing-' + p.Name,
      StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, Data: { Echo: 'echo ' + p.Value },
    });
    const response = await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body), headers: { 'content-type': '' } });
    if (!response.ok) throw new Error('status ' + response.status);
  };`;

let endpoint: FakeEndpoint;
let stateDir: string;
let events: StackEvent[];
let lines: string[];
let notices: string[];

beforeEach(async () => {
  endpoint = await FakeEndpoint.start();
  stateDir = join(scratchDirectory(), 'stacks');
  [events, lines, notices] = [[], [], []];
});
afterEach(() => endpoint.stop());

const common = () => ({
  endpoint: endpoint.url,
  stateDir,
  onEvent: (event: StackEvent) => events.push(event),
  onLog: ({ line }: FunctionLogLine) => lines.push(line),
  onNotice: (notice: string) => notices.push(notice),
});

const BUCKET = { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' };

interface Variant { readonly version?: string; readonly resources?: Template['Resources']; readonly images?: object; readonly extra?: Template }

function assembly({ version = 'v1', resources = {}, images = {}, extra = {} }: Variant = {}): string {
  const template: Template = {
    ...extra,
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 }, DeletionPolicy: 'Delete' },
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: BUCKET, S3Key: `code-${version}.zip` },
          Handler: 'index.handler',
          Runtime: 'nodejs22.x',
          Timeout: 30,
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          LoggingConfig: { LogGroup: { Ref: 'Logs' } },
        },
      },
      ...resources,
    },
  };
  const file = (path: string, packaging: string, key: string) => ({ source: { path, packaging }, destinations: { d: { bucketName: 'assets-${AWS::AccountId}-${AWS::Region}', objectKey: key } } });
  return writeFiles(scratchDirectory(), {
    'manifest.json': JSON.stringify({
      version: '53.0.0',
      artifacts: {
        'Demo.assets': { type: 'cdk:asset-manifest', properties: { file: 'Demo.assets.json' } },
        'Demo': { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', properties: { templateFile: 'Demo.json' }, dependencies: ['Demo.assets'] },
      },
    }),
    'Demo.json': JSON.stringify(template),
    'Demo.assets.json': JSON.stringify({
      files: { t: file('Demo.json', 'file', 'template.json'), c: file('code', 'zip', `code-${version}.zip`), a: file('agent', 'zip', 'dir/agent ü.zip') },
      dockerImages: images,
    }),
    'code/index.js': HANDLER(version),
    'agent/main.py': 'print()',
  });
}

const thing = (properties: object) => ({ Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Name: 'x', ...properties } });
const outputs = { Outputs: { Echo: { Value: { 'Fn::GetAtt': ['Thing', 'Echo'] } } } };

test('a stack lives: created, unchanged, updated, destroyed without its assembly', async () => {
  const first = assembly({ resources: { Thing: thing({ Value: 1 }) }, extra: outputs });
  expect(await deploy({ ...common(), assemblyDirectory: first })).toEqual({
    succeeded: true, stacks: [{ stackName: 'Demo', status: 'CREATE_COMPLETE', outputs: { Echo: 'echo 1' } }],
  });
  expect(lines).toEqual(['v1 Create Thing - "1" ']);
  expect(endpoint.logGroups.size).toBe(1);

  expect(await deploy({ ...common(), assemblyDirectory: first })).toMatchObject({ stacks: [{ status: 'NO_CHANGES', outputs: { Echo: 'echo 1' } }] });

  lines = [];
  const second = assembly({ version: 'v2', resources: { Thing: thing({ Value: [true] }) }, extra: outputs });
  expect(await deploy({ ...common(), assemblyDirectory: second })).toMatchObject({ stacks: [{ status: 'UPDATE_COMPLETE', outputs: { Echo: 'echo true' } }] });
  expect(lines).toEqual(['v2 Update Thing thing-x ["true"] "1"']);

  lines = [];
  rmSync(first, { recursive: true });
  rmSync(second, { recursive: true });
  expect(await destroy(common())).toEqual({ succeeded: true, stacks: [{ stackName: 'Demo', status: 'DELETE_COMPLETE', outputs: {} }] });
  expect(lines).toEqual(['v2 Delete Thing thing-x ["true"] ']);
  expect(endpoint.logGroups.size).toBe(0);
  expect(readdirSync(stateDir)).toEqual([]);
});

test('a failed create is rolled back, and leaves nothing behind', async () => {
  const result = await deploy({ ...common(), assemblyDirectory: assembly({ resources: { Thing: thing({ Value: 1, Fail: 'Create' }) } }) });
  expect(result).toMatchObject({ succeeded: false, stacks: [{ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Thing', reason: expect.stringContaining('Message returned: as told') } }] });
  expect(lines).toEqual(['v1 Create Thing - "1" ', 'v1 Delete Thing thing-x "1" ']);
  expect(endpoint.logGroups.size).toBe(0);
  expect(readdirSync(stateDir)).toEqual([]);
});

test('a failed update goes back with the old code and the properties swapped', async () => {
  await deploy({ ...common(), assemblyDirectory: assembly({ resources: { Thing: thing({ Value: 1 }) } }) });
  lines = [];
  const result = await deploy({ ...common(), assemblyDirectory: assembly({ version: 'v2', resources: { Thing: thing({ Value: 2, Fail: 'Update' }) } }) });
  expect(result).toMatchObject({ succeeded: false, stacks: [{ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'Thing' } }] });
  expect(lines).toEqual(['v2 Update Thing thing-x "2" "1"', 'v1 Update Thing thing-x "1" "2"']);
});

test('of file assets only what is neither a template nor only function code is uploaded', async () => {
  await deploy({ ...common(), assemblyDirectory: assembly() });
  expect([...endpoint.objects.keys()]).toEqual(['assets-000000000000-us-east-1/dir/agent%20%C3%BC.zip']);

  endpoint.objects.clear();
  await deploy({ ...common(), region: 'eu-west-1', stateDir: join(scratchDirectory(), 'other'), assemblyDirectory: assembly({ resources: { Thing: thing({ Value: 'code-v1.zip' }) } }) });
  expect([...endpoint.objects.keys()].sort()).toEqual(['assets-000000000000-eu-west-1/code-v1.zip', 'assets-000000000000-eu-west-1/dir/agent%20%C3%BC.zip']);
});

test('unknown types are refused by name before anything happens, unless stubs are allowed', async () => {
  const resources = { Table: { Type: 'AWS::DynamoDB::Table' }, Stream: { Type: 'AWS::Kinesis::Stream' }, Thing: thing({ Value: { 'Fn::GetAtt': ['Table', 'Arn'] } }) };
  const assemblyDirectory = assembly({ resources });
  await expect(deploy({ ...common(), assemblyDirectory })).rejects.toThrow('cannot be deployed locally: AWS::DynamoDB::Table (Table), AWS::Kinesis::Stream (Stream);');
  await expect(deploy({ ...common(), assemblyDirectory, allowStubs: ['AWS::Kinesis::Stream'] })).rejects.toThrow('cannot be deployed locally: AWS::DynamoDB::Table (Table);');
  expect(events).toEqual([]);
  expect(endpoint.objects.size).toBe(0);

  expect(await deploy({ ...common(), assemblyDirectory, allowStubs: true })).toMatchObject({ succeeded: true });
  expect(lines[0]).toMatch(/^v1 Create Thing - "arn:aws:local-stub:::Demo-Table-/);
  expect(await destroy({ ...common(), assemblyDirectory })).toMatchObject({ succeeded: true });
});

test('container images are told of, and deploy', async () => {
  const result = await deploy({ ...common(), assemblyDirectory: assembly({ images: { i: { displayName: 'Agent image' } } }) });
  expect(result.succeeded).toBe(true);
  expect(notices).toEqual([expect.stringContaining('container images are not built locally: Agent image')]);
});

test.each([
  ['a function that nobody has deployed', { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:gone' }, 'no function arn:aws:lambda:us-east-1:000000000000:function:gone is deployed here'],
  ['a topic', { ServiceToken: 'arn:aws:sns:us-east-1:000000000000:t' }, 'is not the ARN of a Lambda function'],
  ['an object', { ServiceToken: { a: 'b' } }, 'ServiceToken {"a":"b"} is not a string'],
  ['a time-out out of range', { ServiceTimeout: '3601' }, 'ServiceTimeout "3601" is not a whole number from 1 to 3600 s'],
])('a custom resource with %s fails without a Delete', async (_, properties, reason) => {
  const result = await deploy({ ...common(), assemblyDirectory: assembly({ resources: { Thing: thing(properties) } }) });
  expect(result.stacks[0]).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Thing', reason: expect.stringContaining(reason) } });
  expect(lines).toEqual([]);
});

test('a service token cannot be changed', async () => {
  const other = { Other: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: HANDLER('inline') }, Handler: 'index.handler', Runtime: 'nodejs22.x' } } };
  const elsewhere = { ...thing({}), Properties: { ServiceToken: { 'Fn::GetAtt': ['Other', 'Arn'] }, Name: 'x' } };
  await deploy({ ...common(), assemblyDirectory: assembly({ resources: { ...other, Thing: thing({}) } }) });
  const result = await deploy({ ...common(), assemblyDirectory: assembly({ resources: { ...other, Thing: elsewhere } }) });
  expect(result.stacks[0]).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: 'Modifying service token is not allowed.' } });
});

test('what is wrong with the endpoint is told in one line', async () => {
  const assemblyDirectory = assembly();
  await expect(deploy({ ...common(), assemblyDirectory, endpoint: 'localhost' })).rejects.toThrow('is not a URL like');
  const options = common();
  const { url } = endpoint;
  await endpoint.stop();
  await expect(deploy({ ...options, assemblyDirectory, endpoint: url })).rejects.toThrow(/no local AgentCore answers at .* \(ECONNREFUSED\); run `cdk-agentcore local start`/);
  await expect(destroy({ ...options, endpoint: url })).rejects.toThrow('run `cdk-agentcore local start`');
  endpoint = await FakeEndpoint.start();
});

test('only deployed stacks can be named where no assembly names them', async () => {
  await expect(destroy({ ...common(), stacks: ['Demo'] })).rejects.toThrow('no stack called Demo is deployed; deployed are none');
});

test('an import goes into one stack, and leaves those alone that it depends on', async () => {
  const stack = (name: string, dependencies: string[] = []) => [name, { type: 'aws:cloudformation:stack', properties: { templateFile: 'Empty.json' }, dependencies }];
  const assemblyDirectory = writeFiles(scratchDirectory(), {
    'manifest.json': JSON.stringify({ artifacts: Object.fromEntries([stack('Base'), stack('Demo', ['Base'])]) }),
    'Empty.json': JSON.stringify({ Resources: {} }),
  });
  const imports = { Agent: 'coder-0123456789' };
  await expect(deploy({ ...common(), assemblyDirectory, imports })).rejects.toThrow('an import goes into one stack, but 2 are meant: Base, Demo; name one with --stack');
  await expect(deploy({ ...common(), assemblyDirectory, imports, stacks: ['Demo'] })).rejects.toThrow('stack Demo is not deployed');
  expect(readdirSync(stateDir)).toEqual([]);
});

test('a stack that another process works on is left alone', async () => {
  writeFiles(stateDir, { 'Demo.lock': String(process.pid) });
  await expect(deploy({ ...common(), assemblyDirectory: assembly() })).rejects.toThrow(`stack Demo is being worked on by process ${process.pid}`);
});

describe('a stack is where its resources are', () => {
  const [FIRST, SECOND] = ['11111111-aaaa', '22222222-bbbb'];

  test('another local AgentCore gets its own, and each keeps its own', async () => {
    const assemblyDirectory = assembly({ resources: { Thing: thing({ Value: 1 }) } });
    endpoint.id = FIRST;
    expect(await deploy({ ...common(), assemblyDirectory })).toMatchObject({ stacks: [{ status: 'CREATE_COMPLETE' }] });
    expect(notices).toEqual([]);

    endpoint.id = SECOND;
    await expect(destroy({ ...common(), stacks: ['Demo'] })).rejects.toThrow('no stack called Demo is deployed');
    expect(await deploy({ ...common(), assemblyDirectory })).toMatchObject({ stacks: [{ status: 'CREATE_COMPLETE' }] });
    expect(notices).toEqual([expect.stringMatching(/^stack Demo: this local AgentCore does not have it; .*11111111-aaaa.Demo\.json records a stack of this name that belongs to another local AgentCore/)]);
    expect(await destroy(common())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });

    endpoint.id = FIRST;
    lines = [];
    expect(await deploy({ ...common(), assemblyDirectory })).toMatchObject({ stacks: [{ status: 'NO_CHANGES' }] });
    expect(await destroy(common())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });
    expect(lines).toEqual(['v1 Delete Thing thing-x "1" ']);
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('to destroy what another one has destroys nothing, and says so', async () => {
    const assemblyDirectory = assembly();
    endpoint.id = FIRST;
    await deploy({ ...common(), assemblyDirectory });
    endpoint.id = SECOND;
    await destroy({ ...common(), assemblyDirectory });
    expect(notices).toEqual([expect.stringContaining('this local AgentCore does not have it')]);
    expect(readdirSync(stateDir)).toEqual([FIRST, 'code']);
  });

  test.each(['../../elsewhere', '', 'a/b'])('an id like %j is none', async (id) => {
    endpoint.id = id;
    await expect(deploy({ ...common(), assemblyDirectory: assembly() })).rejects.toThrow('is not a local AgentCore');
  });
});

describe('a function that calls itself', () => {
  const SELF_CALLING = `
    exports.handler = async (event) => {
      const { Continuation, ...first } = event;
      console.log(event.RequestType + ' ' + (Continuation ?? 'first'));
      if (!Continuation) {
        const url = process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/' + process.env.AWS_LAMBDA_FUNCTION_NAME + '/invocations';
        const headers = { 'x-amz-invocation-type': 'Event', 'x-amz-security-token': process.env.AWS_SESSION_TOKEN };
        const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...first, Continuation: 'second' }) });
        if (status !== 202) throw new Error('status ' + status);
        return;
      }
      const body = JSON.stringify({
        Status: event.ResourceProperties.Fail === event.RequestType ? 'FAILED' : 'SUCCESS', Reason: 'as told', PhysicalResourceId: 'self',
        StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
      });
      await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body), headers: { 'content-type': '' } });
    };`;
  const resources = (properties: object) => ({
    Self: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: SELF_CALLING }, Handler: 'index.handler', Runtime: 'nodejs22.x', Timeout: 30 } },
    Thing: { ...thing({}), Properties: { ServiceToken: { 'Fn::GetAtt': ['Self', 'Arn'] }, ...properties } },
  });

  test('deploys and is destroyed', async () => {
    expect(await deploy({ ...common(), assemblyDirectory: assembly({ resources: resources({}) }) })).toMatchObject({ stacks: [{ status: 'CREATE_COMPLETE' }] });
    expect(await destroy(common())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });
    expect(lines).toEqual(['Create first', 'Create second', 'Delete first', 'Delete second']);
  });

  test('rolls back where a later call fails it', async () => {
    const result = await deploy({ ...common(), assemblyDirectory: assembly({ resources: resources({ Fail: 'Create' }) }) });
    expect(result).toMatchObject({ stacks: [{ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Thing', reason: expect.stringContaining('as told') } }] });
    expect(lines).toEqual(['Create first', 'Create second', 'Delete first', 'Delete second']);
  });
});
