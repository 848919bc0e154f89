import { createServer, IncomingMessage, request as httpRequest, Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AddressInfo } from 'node:net';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { WebSocketServer } from 'ws';
import { proxied, tunnelTo } from '../../../src/client/proxy';
import { openShellSocket } from '../../../src/client/shell/open-socket';
import { CERTIFICATE, Listening, startProxy, TestProxyOptions, tlsInFrontOf } from '../../util/proxy';
import { useProxyVariables } from '../../util/proxy-variables';

const variables = useProxyVariables();
const cleanUps: (() => unknown)[] = [];
let server: Server;
let seen: string[];
let port: number;
let tls: Listening;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers.host}${request.url}`);
    request.resume().on('end', () => response.end('hello'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  tls = await tlsInFrontOf(port);
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await tls.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function proxy(options: TestProxyOptions = {}) {
  const started = await startProxy({ to: tls.port, ...options });
  cleanUps.push(() => started.close());
  return started;
}

function agents() {
  const { requestHandler } = proxied();
  cleanUps.push(() => [requestHandler!.httpAgent, requestHandler!.httpsAgent].forEach((agent) => agent.destroy()));
  return requestHandler!;
}

/** What a request for a URL is answered with. */
async function ask(url: string, agent = agents()): Promise<string> {
  const secure = url.startsWith('https:');
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    (secure ? httpsRequest : httpRequest)(url, { agent: secure ? agent.httpsAgent : agent.httpAgent, ca: CERTIFICATE } as object, resolve).on('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('without a variable clients have the agents of the SDK', () => {
  expect(proxied()).toEqual({});
  expect(tunnelTo(new URL('https://elsewhere.test'))).toBeUndefined();
});

test('https goes through a tunnel, which the next call uses again', async () => {
  const { url, asked } = await proxy();
  variables({ HTTPS_PROXY: url });
  const agent = agents();
  expect(await ask('https://elsewhere.test/a', agent)).toBe('hello');
  expect(await ask('https://elsewhere.test/b', agent)).toBe('hello');
  expect(asked).toEqual([{ line: 'CONNECT elsewhere.test:443', authorization: undefined }]);
  expect(seen).toEqual(['GET elsewhere.test/a', 'GET elsewhere.test/b']);
});

test('user and password go to the proxy alone', async () => {
  const { port: at, asked } = await proxy();
  variables({ HTTPS_PROXY: `http://us%40er:p%3Ass@127.0.0.1:${at}` });
  await ask('https://elsewhere.test/');
  expect(asked).toEqual([{ line: 'CONNECT elsewhere.test:443', authorization: `Basic ${Buffer.from('us@er:p:ss').toString('base64')}` }]);
});

test('http is sent to the proxy with its whole URL', async () => {
  const { url, asked } = await proxy({ to: port });
  variables({ HTTP_PROXY: url.replace('//', '//user:word@') });
  expect(await ask('http://elsewhere.test/a?b=c')).toBe('hello');
  expect(asked).toEqual([{ line: 'GET http://elsewhere.test/a?b=c', authorization: `Basic ${Buffer.from('user:word').toString('base64')}` }]);
});

test('this machine and what NO_PROXY lists are called directly', async () => {
  const { url, asked } = await proxy();
  variables({ HTTP_PROXY: url, HTTPS_PROXY: url });
  expect(await ask(`http://127.0.0.1:${port}/`)).toBe('hello');
  expect(await ask(`http://localhost:${port}/`)).toBe('hello');
  variables({ NO_PROXY: 'elsewhere.invalid' });
  await expect(ask('https://elsewhere.invalid/')).rejects.toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
  expect(asked).toEqual([]);
});

test.each([
  [407, /^the proxy http:\/\/127\.0\.0\.1:\d+ of HTTPS_PROXY answered 407 Proxy Authentication Required when asked for elsewhere\.test:443; put user and password into HTTPS_PROXY/],
  [403, /^the proxy http:\/\/127\.0\.0\.1:\d+ of HTTPS_PROXY answered 403 Forbidden when asked for elsewhere\.test:443; have the proxy allow this host, or list it in NO_PROXY$/],
])('a proxy that answers %d is the one that is named, without the password', async (status, message) => {
  const { port: at } = await proxy({ status });
  variables({ HTTPS_PROXY: `http://user:hunter2@127.0.0.1:${at}` });
  await expect(ask('https://elsewhere.test/')).rejects.toMatchObject({ name: 'ProxyError', code: 'EPROXY', message: expect.stringMatching(message) });
  expect(seen).toEqual([]);
});

test.each(['https://elsewhere.test/', 'http://elsewhere.test/'])('a proxy that is not there is the one that is named: %s', async (target) => {
  const gone = await startProxy();
  await gone.close();
  variables({ HTTPS_PROXY: gone.url, HTTP_PROXY: gone.url });
  await expect(ask(target)).rejects.toMatchObject({
    name: 'ProxyError',
    message: expect.stringMatching(/^the proxy http:\/\/127\.0\.0\.1:\d+ of HTTPS?_PROXY did not open a connection \(.*ECONNREFUSED.*\); look at HTTPS?_PROXY and NO_PROXY$/),
    cause: { code: 'ECONNREFUSED' },
  });
});

test('a proxy that says nothing is given up after a minute', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'] });
  cleanUps.push(() => jest.useRealTimers());
  const { url, untilAsked } = await proxy({ silent: true });
  variables({ HTTPS_PROXY: url });
  const refused = expect(ask('https://elsewhere.test/')).rejects.toMatchObject({ name: 'ProxyError', message: expect.stringMatching(/did not open a connection \(no answer within 60 s\)/) });
  await untilAsked;
  jest.advanceTimersByTime(60_000);
  await refused;
});

test('a refused proxy does not keep other calls waiting', async () => {
  const { url } = await proxy({ status: 503 });
  variables({ HTTPS_PROXY: url });
  const agent = agents();
  const outcomes = await Promise.allSettled(Array.from({ length: 120 }, async () => ask('https://elsewhere.test/', agent)));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(120);
});

test('a WebSocket goes through a tunnel, of http too', async () => {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}));
  const { url, asked } = await proxy({ to: port });
  variables({ HTTP_PROXY: url });
  const client = new BedrockAgentCoreClient({ endpoint: 'http://elsewhere.test', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const socket = await openShellSocket(client, {
    runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5', sessionId: 'session-0123456789-0123456789-0123', qualifier: 'DEFAULT', shellId: 'shell',
  });
  socket.terminate();
  expect(asked).toEqual([{ line: 'CONNECT elsewhere.test:80', authorization: undefined }]);
});

test('a WebSocket of TLS asks the proxy for its host', async () => {
  const { url, asked } = await proxy({ status: 403 });
  variables({ HTTPS_PROXY: url });
  const client = new BedrockAgentCoreClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  await expect(openShellSocket(client, {
    runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5', sessionId: 'session-0123456789-0123456789-0123', qualifier: 'DEFAULT', shellId: 'shell',
  })).rejects.toMatchObject({ name: 'ProxyError', message: expect.stringMatching(/answered 403 Forbidden/) });
  expect(asked.map(({ line }) => line)).toEqual(['CONNECT bedrock-agentcore.us-east-1.amazonaws.com:443']);
});

test('an IPv6 address stands in brackets', async () => {
  const { url, asked } = await proxy({ status: 403 });
  variables({ HTTPS_PROXY: url });
  await expect(ask('https://[fd00::1]:8443/')).rejects.toMatchObject({ name: 'ProxyError' });
  expect(asked.map(({ line }) => line)).toEqual(['CONNECT [fd00::1]:8443']);
});

