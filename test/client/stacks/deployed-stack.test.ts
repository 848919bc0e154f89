import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AccessDeniedException, AgentSession, InvalidInputError } from '../../../src/client';
import { errorOf } from '../../local/server/support/harness';

const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };

let cloudFormation: Server;
let resources: [string, string, string][];
/** By the ARNs of their stacks. */
let nested: Record<string, typeof resources>;
let outputs: Record<string, string>;
let failure: { code: string; message: string; status: number } | undefined;

beforeEach(async () => {
  [resources, nested, outputs, failure] = [[], {}, {}, undefined];
  cloudFormation = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    if (failure) {
      response.writeHead(failure.status).end(`<ErrorResponse><Error><Code>${failure.code}</Code><Message>${failure.message}</Message></Error></ErrorResponse>`);
    } else if (form.get('Action') === 'ListStackResources') {
      const members = (nested[form.get('StackName')!] ?? resources).map(([id, type, physical]) => `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>${type}</ResourceType><PhysicalResourceId>${physical}</PhysicalResourceId></member>`);
      response.end(`<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`);
    } else {
      const members = Object.entries(outputs).map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`);
      response.end(`<StackId>arn:aws:cloudformation:eu-west-1:111122223333:stack/Agents/1234</StackId><Outputs>${members.join('')}</Outputs>`);
    }
  }).listen(0, '127.0.0.1');
  await once(cloudFormation, 'listening');
  process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`;
});

afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL_CLOUDFORMATION;
  cloudFormation.closeAllConnections();
  await new Promise((resolve) => cloudFormation.close(resolve));
});

const open = async (construct?: string) => AgentSession.fromDeployedStack({ stack: 'Agents', construct, region: 'eu-west-1', credentials: CREDENTIALS });

const CODER = 'arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/coder-0123456789';

test('the only runtime of a stack, in its account and region', async () => {
  resources = [['Coder255F68E9', 'Custom::AgentCoreRuntime', 'coder-0123456789'], ['Bucket', 'AWS::S3::Bucket', 'x']];
  const session = await open();
  expect(session.runtimeArn).toBe(CODER);
  session.close();
});

test.each(['Agents/Team/Coder', 'Team/Coder', 'Team/Coder/Resource', 'TeamCoder255F68E9', 'TeamCoder'])('one of several, by its construct %s', async (construct) => {
  resources = [['TeamCoder255F68E9', 'AWS::BedrockAgentCore::Runtime', 'coder-0123456789'], ['TeamReviewer0A0B0C0D', 'Custom::AgentCoreRuntime', 'reviewer-0123456789']];
  const session = await open(construct);
  expect(session.runtimeArn).toBe(CODER);
  session.close();
});

describe('runtimes of nested stacks', () => {
  const arnOf = (name: string) => `arn:aws:cloudformation:eu-west-1:111122223333:stack/Agents-${name}/1`;
  const stackNamed = (name: string): [string, string, string] => [`${name}NestedStack${name}NestedStackResource01234567`, 'AWS::CloudFormation::Stack', arnOf(name)];

  beforeEach(() => {
    resources = [stackNamed('First'), stackNamed('Second')];
    nested = {
      [arnOf('First')]: [['Coder255F68E9', 'Custom::AgentCoreRuntime', 'coder-0123456789']],
      [arnOf('Second')]: [['Coder255F68E9', 'Custom::AgentCoreRuntime', 'other-0123456789'], stackNamed('Deep')],
      [arnOf('Deep')]: [['Coder255F68E9', 'Custom::AgentCoreRuntime', 'third-0123456789']],
    };
  });

  test.each([
    ['Agents/First/Coder', 'coder'],
    ['Second/Coder', 'other'],
    ['Agents/Second/Deep/Coder', 'third'],
    ['Deep/Coder', 'third'],
  ])('by construct %s', async (construct, name) => {
    const session = await open(construct);
    expect(session.runtimeArn).toBe(CODER.replace('coder', name));
    session.close();
  });

  test('several are told', async () => {
    expect((await errorOf(open('Coder'))).message).toMatch(/has several runtimes: .*coder-0123456789.*other-0123456789.*third-0123456789/);
  });
});

test('one that the stack only tells of', async () => {
  outputs = { CoderArn: CODER, Url: 'https://example.com' };
  const session = await open();
  expect(session.runtimeArn).toBe(CODER);
  session.close();
});

test.each<[string, string | undefined, RegExp]>([
  ['several', undefined, /has several runtimes: Coder255F68E9 \(coder-0123456789\), Reviewer0A0B0C0D \(reviewer-0123456789\); name one/],
  ['none of that construct', 'Planner', /no runtime of construct Planner.*there is Coder255F68E9/],
])('%s is told with those that there are', async (_, construct, message) => {
  resources = [['Coder255F68E9', 'Custom::AgentCoreRuntime', 'coder-0123456789'], ['Reviewer0A0B0C0D', 'Custom::AgentCoreRuntime', 'reviewer-0123456789']];
  const error = await errorOf(open(construct));
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error.message).toMatch(message);
});

test('a stack that is not there', async () => {
  failure = { code: 'ValidationError', message: 'Stack with id Agents does not exist', status: 400 };
  const error = await errorOf(open());
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error.message).toBe('stack Agents is not deployed in eu-west-1; deploy it first, or name another region');
});

test('a stack that may not be looked at', async () => {
  failure = { code: 'AccessDeniedException', message: 'not authorized to perform cloudformation:ListStackResources', status: 403 };
  const error = await errorOf(open());
  expect(error).toBeInstanceOf(AccessDeniedException);
  expect(error.message).toMatch(/stack Agents could not be looked up.*ListStackResources/);
});
