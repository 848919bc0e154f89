import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateAgentRuntimeCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import fc from 'fast-check';
import { containerInput, Harness } from './support/harness';
import { ERROR_STATUS } from '../../../src/service/errors';

let harness: Harness;
beforeAll(async () => { harness = await Harness.start(); });
afterAll(async () => harness.end());

/** Sends bytes as they are and returns all that comes back. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(harness.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.end(bytes);
  return text(socket).catch(() => '');
}

const send = async (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) => {
  const response = await fetch(`${harness.endpoint}${path}`, { method, body: body as any, headers });
  const answer = await response.text();
  return { status: response.status, type: response.headers.get('x-amzn-errortype'), id: response.headers.get('x-amzn-requestid'), answer, headers: response.headers };
};

test('GET /_local/health tells what runs here', async () => {
  const { status, answer } = await send('GET', '/_local/health');
  expect(status).toBe(200);
  expect(JSON.parse(answer)).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    status: 'ok',
    driver: 'fake',
    driverNotes: ['for tests'],
    tokenizer: 'shell',
    region: 'us-east-1',
    account: '000000000000',
    runtimes: 0,
    sessions: 0,
    iam: { judged: true, delaySeconds: 0 },
    notASecurityBoundary: expect.stringContaining('for development'),
  });
});

test.each([
  ['an unknown path', 'GET', '/nowhere', undefined, 404, 'UnknownOperationException'],
  ['an ARN that is not encoded', 'POST', '/runtimes/arn:aws:x:y:z:runtime/a-0123456789/commands', '{}', 404, 'UnknownOperationException'],
  ['a wrong method', 'PATCH', '/runtimes/', undefined, 405, 'UnknownOperationException'],
  ['JSON that is none', 'PUT', '/runtimes/', '{"agentRuntimeName":', 400, 'ValidationException'],
  ['JSON that is no object', 'PUT', '/runtimes/', '[]', 400, 'ValidationException'],
  ['null', 'PUT', '/runtimes/', 'null', 400, 'ValidationException'],
  ['JSON that is nested too deeply', 'PUT', '/runtimes/', '{"agentRuntimeName":'.concat('['.repeat(200_000), ']'.repeat(200_000), '}'), 400, 'ValidationException'],
  ['bytes that are no UTF-8', 'PUT', '/runtimes/', Buffer.from([0x22, 0xff, 0x22]), 400, 'ValidationException'],
  ['an empty body', 'PUT', '/runtimes/', undefined, 400, 'ValidationException'],
  ['members that are none', 'PUT', '/runtimes/', '{"__proto__":{"a":1},"constructor":1,"toString":2}', 400, 'ValidationException'],
  ['a body that is too large', 'PUT', '/runtimes/', Buffer.alloc(5_000_000, ' '), 413, 'RequestEntityTooLargeException'],
  ['an id that is none', 'GET', '/runtimes/..%2f..%2fetc/', undefined, 400, 'ValidationException'],
  ['a broken percent-encoding', 'GET', '/runtimes/%zz/', undefined, 400, 'ValidationException'],
  ['a number that is none', 'POST', '/runtimes/?maxResults=many', undefined, 400, 'ValidationException'],
  ['a number that is too large', 'POST', '/runtimes/?maxResults=101', undefined, 400, 'ValidationException'],
  ['a member in the wrong place', 'PUT', '/runtimes/a-0123456789/', '{"agentRuntimeId":"b-0123456789"}', 400, 'ValidationException'],
  ['a path of ours that is none', 'GET', '/_local/other', undefined, 404, 'UnknownOperationException'],
])('answers %s with an error of the service\'s shape', async (_, method, path, body, status, type) => {
  const got = await send(method, path, body as string);
  expect(got).toMatchObject({ status, type, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const answer = JSON.parse(got.answer);
  expect(answer.message).toEqual(expect.any(String));
  if (type === 'ValidationException') expect(answer.reason).toMatch(/^(CannotParse|FieldValidationFailed)$/);
});

test.each(['example.com', 'localhost.example.com', '127.0.0.1.example.com', '127.0.0.2', ''])('refuses the host %p', async (host) => {
  const answer = await raw(`GET /_local/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 403 .*x-amzn-ErrorType: AccessDeniedException/s);
});

test('refuses a request that names no host', async () => {
  const answer = await raw('GET /_local/health HTTP/1.1\r\nConnection: close\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 403 .*x-amzn-ErrorType: AccessDeniedException.*\{"message":"host /s);
});

test('refuses what it cannot be expected to do', async () => {
  const answer = await raw('PUT /runtimes/ HTTP/1.1\r\nHost: localhost\r\nExpect: 200-tea\r\nContent-Length: 2\r\n\r\n{}');
  expect(answer).toMatch(/^HTTP\/1.1 417 .*x-amzn-ErrorType: ExpectationFailedException.*\{"message":"expectation \\"200-tea\\" /s);
});

test.each(['localhost', 'LOCALHOST:1', '[::1]:8080', '127.0.0.1:65535'])('serves the host %p', async (host) => {
  expect(await raw(`GET /_local/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
});

test('refuses what a web page of elsewhere sends', async () => {
  expect(await send('POST', '/runtimes/', '{}', { origin: 'https://example.com' })).toMatchObject({ status: 403, type: 'AccessDeniedException' });
  expect((await send('POST', '/runtimes/', '{}', { origin: 'http://localhost:3000' })).status).toBe(200);
});

test('cuts a chunked body off where it is too large', async () => {
  const chunk = `${(1_000_000).toString(16)}\r\n${' '.repeat(1_000_000)}\r\n`;
  const answer = await raw(`PUT /runtimes/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1.1 400 .*ValidationException.*CannotParse/s],
  ['headers that are too large', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
  ['a target without a slash', 'GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', /^HTTP\/1.1 400 .*CannotParse/s],
  ['half a request', 'PUT /runtimes/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"a"', /^(HTTP\/1.1 400 .*)?$/s],
])('survives %s', async (_, bytes, answer) => {
  expect(await raw(bytes)).toMatch(answer);
  expect((await send('GET', '/_local/health')).status).toBe(200);
});

test('takes paths with and without a slash at the end', async () => {
  expect((await send('POST', '/runtimes')).status).toBe(200);
  expect((await send('POST', '/runtimes/')).status).toBe(200);
  expect((await send('POST', '/runtimes//')).status).toBe(404);
});

const KNOWN_STATUS = new Set<number>([200, 202, 204, 404, 405, 413, ...Object.values(ERROR_STATUS)]);

test('answers any request with a known status, and never with an internal error', async () => {
  const segment = fc.oneof(
    fc.constantFrom('runtimes', 'tags', 'commands', 'invocations', 'stopruntimesession', 'versions', 'runtime-endpoints', 'DEFAULT', 'resourcepolicy', 'capacity-providers',
      '_local', 'objects', 'a-0123456789', encodeURIComponent('arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/a-0123456789')),
    fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
  );
  const body = fc.oneof(fc.json(), fc.string(), fc.constant('{"command":"true"}'), fc.record({ agentRuntimeName: fc.anything(), roleArn: fc.json() }).map((value) => JSON.stringify(value)));
  await fc.assert(fc.asyncProperty(
    fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'), fc.array(segment, { maxLength: 4 }), fc.webQueryParameters(), body,
    fc.constantFrom({}, { 'x-amz-target': 'Logs_20140328.GetLogEvents' }, { 'x-amz-target': 'Logs_20140328.constructor' }, { 'x-amzn-bedrock-agentcore-runtime-session-id': 'x' }),
    async (method, segments, query, content, headers) => {
      const got = await send(method, `/${segments.join('/')}?${query}`, method === 'GET' || method === 'HEAD' ? undefined : content, headers as Record<string, string>);
      expect(KNOWN_STATUS).toContain(got.status);
      expect(got.status).not.toBe(500);
    },
  ), { numRuns: 400 });
  expect((await send('GET', '/_local/health')).status).toBe(200);
});

test('whatever is created by name and environment is given back unchanged', async () => {
  const control = harness.control();
  const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/);
  const variables = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 20 }), { maxKeys: 5, noNullPrototype: true });
  const made = new Set<string>();
  await fc.assert(fc.asyncProperty(name, variables, async (agentRuntimeName, environmentVariables) => {
    fc.pre(!made.has(agentRuntimeName));
    made.add(agentRuntimeName);
    const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand(containerInput(agentRuntimeName, { environmentVariables })));
    const got = JSON.parse((await send('GET', `/runtimes/${agentRuntimeId}/`)).answer);
    expect(got).toMatchObject({ agentRuntimeName, status: 'READY' });
    expect(got.environmentVariables).toEqual(environmentVariables);
  }), { numRuns: 30 });
  expect((await control.send(new ListAgentRuntimesCommand({}))).agentRuntimes).toHaveLength(made.size);
});
