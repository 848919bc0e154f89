import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { functionOf } from './function-under-test';
import { InvokeServer } from '../../../../src/local/deployer/lambda/invoke-server';
import { signedCall } from '../../../../src/provider/signed-call';

let asked: unknown[][];
let invoked: unknown[][];
let server: InvokeServer;
let url: string;

beforeEach(async () => {
  [asked, invoked] = [[], []];
  server = new InvokeServer({
    find: (...args) => { asked.push(args); return args[0].endsWith('fn') ? functionOf('') : undefined; },
    invoke: ({ name }, ...args) => { invoked.push([name, ...args]); },
  });
  url = await server.url();
});
afterEach(() => server.close());

async function invoke(name: string, { body = '{}', headers = { 'x-amz-invocation-type': 'Event' }, method = 'POST' }: { body?: string; headers?: Record<string, string>; method?: string } = {}) {
  const response = await fetch(`${url}/2015-03-31/functions/${name}/invocations?Qualifier=$LATEST`, { method, headers, ...(method === 'GET' ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, error: response.headers.get('x-amzn-errortype'), message: text ? JSON.parse(text).Message : '' };
}

test('an asynchronous invocation is begun, for the request of its caller', async () => {
  expect(await invoke('fn', { body: '{"a":1}', headers: { 'x-amz-invocation-type': 'Event', 'x-amz-security-token': 'request' } })).toMatchObject({ status: 202, message: '' });
  expect(invoked).toEqual([['fn', { a: 1 }, 'request']]);
});

test('who works for no request gets a new one, and no body is an empty event', async () => {
  await invoke('fn', { body: '' });
  await invoke('fn', { body: '' });
  expect(invoked).toEqual([['fn', {}, expect.any(String)], ['fn', {}, expect.any(String)]]);
  expect(invoked[0][2]).not.toBe(invoked[1][2]);
});

test('names may be ARNs, and the region is the one that was signed for', async () => {
  const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:fn';
  const client = new BedrockAgentCoreClient({ region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'signed' } });
  process.env.INVOKE_SERVER_UNDER_TEST = url;
  try {
    await signedCall(client, {
      service: 'lambda',
      endpointVariable: 'INVOKE_SERVER_UNDER_TEST',
      path: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
      headers: { 'x-amz-invocation-type': 'Event' },
      body: {},
    });
  } finally {
    delete process.env.INVOKE_SERVER_UNDER_TEST;
    client.destroy();
  }
  expect(asked).toEqual([[arn, 'eu-west-1']]);
  expect(invoked).toEqual([['fn', {}, 'signed']]);
});

test('who may not call the function is denied', async () => {
  const judged = new InvokeServer({
    find: () => functionOf(''),
    invoke: (...args) => { invoked.push(args); },
    denialOf: async (...args) => (args[0] === 'ROLE' ? args.join(' ') : undefined),
  });
  const ask = async (accessKeyId: string, name: string) => fetch(`${await judged.url()}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: '{}',
    headers: { 'authorization': `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/eu-west-1/lambda/aws4_request`, 'x-amz-invocation-type': 'Event' },
  });
  try {
    const denied = await ask('ROLE', 'fn');
    expect([denied.status, denied.headers.get('x-amzn-errortype'), (await denied.json() as any).Message])
      .toEqual([403, 'AccessDeniedException', 'ROLE arn:aws:lambda:eu-west-1:000000000000:function:fn eu-west-1']);
    expect(invoked).toEqual([]);
    expect((await ask('local', 'fn')).status).toBe(202);
  } finally {
    await judged.close();
  }
});

test.each([
  ['a function that is not there', 'gone', {}, 404, 'ResourceNotFoundException', 'Function not found: gone; deploy the stack that holds it first'],
  ['a synchronous invocation', 'fn', { headers: {} }, 400, 'InvalidParameterValueException', 'invocation type RequestResponse is not served locally; invoke with InvocationType Event'],
  ['a dry run', 'fn', { headers: { 'x-amz-invocation-type': 'DryRun' } }, 400, 'InvalidParameterValueException', 'invocation type DryRun'],
  ['an event that is not JSON', 'fn', { body: 'x' }, 400, 'InvalidRequestContentException', 'Could not parse request body into json'],
  ['an event that is too long', 'fn', { body: `"${'x'.repeat(1024 * 1024 - 1)}"` }, 413, 'RequestTooLargeException', 'longer than 1048576 bytes'],
  ['another operation', 'fn', { method: 'GET' }, 404, 'UnknownOperationException', 'only Invoke is served locally'],
])('%s is refused', async (_, name, request, status, error, message) => {
  expect(await invoke(name, request)).toEqual({ status, error, message: expect.stringContaining(message) });
  expect(invoked).toEqual([]);
});

test('a server that nobody asked for need not be closed', async () => {
  await new InvokeServer({ find: () => undefined, invoke: () => {} }).close();
});
