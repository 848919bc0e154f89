import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { ClientOptions, RawData, WebSocket } from 'ws';
import { containerInput, Harness } from './support/harness';
import { createSessions } from '../../../src/local/sessions';
import { shellPath } from '../../../src/service/shell';
import { SHELL_CHANNEL, decodeShellFrame, decodeShellStatus, encodeResize, encodeShellFrame } from '../../../src/service/shell-frames';

const SESSION = 'session-0123456789-0123456789-0123';

let harness: Harness;
let runtimeArn: string;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shell-server-'));
  harness = await Harness.start({ sessions: async () => createSessions({ stateDir: directory, driver: 'process', log: () => undefined }) });
  ({ agentRuntimeArn: runtimeArn } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('coder'))) as { agentRuntimeArn: string });
});

afterEach(async () => {
  await harness.end();
  rmSync(directory, { recursive: true });
});

/** A client that keeps what it receives. */
class Client {
  public readonly socket: WebSocket;
  public readonly closed: Promise<{ code: number; reason: string }>;
  public headers: Record<string, string | string[] | undefined> = {};
  public output = '';
  public readonly frames: { channel: number; payload: Buffer }[] = [];
  private readonly changed: (() => void)[] = [];

  constructor(query = '?shellId=main', session = SESSION, path = shellPath(runtimeArn), options: ClientOptions = {}) {
    this.socket = new WebSocket(`${harness.endpoint.replace('http', 'ws')}${path}${query}`, {
      headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': session }, ...options,
    });
    this.closed = new Promise((resolve) => this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    this.socket.on('upgrade', ({ headers }) => { this.headers = headers; });
    this.socket.on('message', (data: RawData) => {
      const frame = decodeShellFrame(data as Buffer)!;
      this.frames.push(frame);
      if (frame.channel === SHELL_CHANNEL.stdout) this.output += frame.payload.toString();
      for (const wake of this.changed.splice(0)) wake();
    });
  }

  public async open(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  /** The answer to a request that is refused. */
  public async refusal(): Promise<{ status?: number; type?: string; message: string }> {
    const [, response] = await once(this.socket, 'unexpected-response');
    this.socket.on('error', () => undefined);
    const body = await text(response);
    return { status: response.statusCode, type: response.headers['x-amzn-errortype'], message: JSON.parse(body).message };
  }

  public send(channel: number, payload: string | Buffer = ''): void {
    this.socket.send(encodeShellFrame(channel, payload));
  }

  public async says(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.output));
  }

  public async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.changed.push(resolve));
  }

  public get statuses() {
    return this.frames.filter(({ channel }) => channel === SHELL_CHANNEL.status).map(({ payload }) => decodeShellStatus(payload));
  }
}

test('a shell is opened, tells its ids, and ends with its exit code', async () => {
  const client = await new Client().open();
  expect(client.headers).toMatchObject({
    'x-amzn-bedrock-agentcore-runtime-session-id': SESSION, 'x-amzn-bedrock-agentcore-shell-id': 'main', 'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  client.socket.send(encodeResize(90, 30));
  client.send(SHELL_CHANNEL.stdin, 'echo $((20 + 3)); exit 5\n');
  await client.says(/23\r?\n/);
  expect(await client.closed).toEqual({ code: 1000, reason: '' });
  expect(client.statuses).toEqual([
    { kind: 'connected', shellId: 'main', reconnected: false, bytesDropped: 0 },
    { kind: 'ended', exitCode: 5, message: 'command terminated with exit code 5' },
  ]);
});

test('a shell outlasts its connection, and says then what it has written meanwhile', async () => {
  const first = await new Client().open();
  first.send(SHELL_CHANNEL.stdin, 'x=17; echo ready\n');
  await first.says(/ready\r?\n/);
  first.socket.terminate();
  await first.closed;
  const second = await new Client().open();
  second.send(SHELL_CHANNEL.stdin, 'echo "x=$x"\n');
  await second.says(/x=17\r?\n/);
  expect(second.statuses[0]).toMatchObject({ kind: 'connected', reconnected: true });
});

test('who connects to a shell takes it over', async () => {
  const first = await new Client().open();
  const second = await new Client().open();
  expect(await first.closed).toMatchObject({ code: 4000 });
  second.send(SHELL_CHANNEL.stdin, 'echo mine\n');
  await second.says(/mine\r?\n/);
});

test('a heartbeat comes back; a close frame ends the shell; unknown channels are passed over', async () => {
  const client = await new Client().open();
  client.send(99, 'what may come');
  client.send(SHELL_CHANNEL.heartbeat);
  await client.until(() => client.frames.some(({ channel }) => channel === SHELL_CHANNEL.heartbeat));
  client.send(SHELL_CHANNEL.close);
  expect(await client.closed).toMatchObject({ code: 1000 });
  // the id is free again
  let reconnected: boolean | undefined = true;
  while (reconnected) {
    const again = await new Client().open();
    await again.until(() => again.statuses.length > 0);
    const [status] = again.statuses;
    reconnected = status?.kind === 'connected' && status.reconnected;
    again.socket.terminate();
    await again.closed;
  }
});

test('the end of its session is told, and the connection closed', async () => {
  const client = await new Client().open();
  await harness.data().send(new StopRuntimeSessionCommand({ agentRuntimeArn: runtimeArn, runtimeSessionId: SESSION }));
  expect(await client.closed).toEqual({ code: 1001, reason: 'the session has ended' });
  expect(client.frames.at(-1)).toMatchObject({ channel: SHELL_CHANNEL.close });
});

test.each<[string, (client: Client) => void, number]>([
  ['text', ({ socket }) => socket.send('ls'), 1003],
  ['an empty frame', ({ socket }) => socket.send(Buffer.alloc(0)), 1003],
  ['a frame over 64 KB', (client) => client.send(SHELL_CHANNEL.stdin, Buffer.alloc(64 * 1024)), 1009],
  ['a size that is none', (client) => client.send(SHELL_CHANNEL.resize, '{"width":"wide"}'), 1008],
])('%s closes the connection', async (_, send, code) => {
  const client = await new Client().open();
  send(client);
  expect(await client.closed).toMatchObject({ code });
});

test('a frame of 64 KB is taken', async () => {
  const client = await new Client().open();
  client.send(SHELL_CHANNEL.stdin, 'stty raw -echo; cat > /dev/null & wait; :\n');
  client.send(99, Buffer.alloc(64 * 1024 - 1));
  client.send(SHELL_CHANNEL.heartbeat);
  await client.until(() => client.frames.some(({ channel }) => channel === SHELL_CHANNEL.heartbeat));
});

test.each<[string, () => Client, number, string, RegExp]>([
  ['a shell id that is none', () => new Client('?shellId=a%20b'), 424, 'RuntimeClientError', /shell id "a b"/],
  ['a session id that is too short', () => new Client('', 'short'), 400, 'ValidationException', /33 to 256/],
  ['a runtime that is not there', () => new Client('', SESSION, shellPath('arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/nobody-0123456789')), 404, 'ResourceNotFoundException', /nobody-0123456789/],
  ['an endpoint that is not there', () => new Client('?qualifier=prod'), 404, 'ResourceNotFoundException', /prod/],
  ['another path', () => new Client('', SESSION, '/runtimes/a/ws'), 404, 'UnknownOperationException', /WebSocket/],
  ['a web page', () => new Client('', SESSION, undefined, { origin: 'https://example.com' }), 403, 'AccessDeniedException', /web pages/],
])('%s is refused before the WebSocket is agreed on', async (_, open, status, type, message) => {
  expect(await open().refusal()).toEqual({ status, type, message: expect.stringMatching(message) });
});

test('without WebSocket there is no shell', async () => {
  const response = await fetch(`${harness.endpoint}${shellPath(runtimeArn)}`, { headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': SESSION } });
  expect([response.status, response.headers.get('upgrade'), (await response.json() as { message: string }).message]).toEqual([426, 'websocket', 'shells are served by WebSocket only']);
});

test('a fault plan knows the operation', async () => {
  await harness.setFaults({ kind: 'error', operation: 'InvokeAgentRuntimeCommandShell', error: 'ThrottlingException', times: 1 });
  expect(await new Client().refusal()).toMatchObject({ status: 429, type: 'ThrottlingException' });
  (await new Client().open()).socket.terminate();
});

test('a request to go on by HTTP/2 is answered as if it had not asked for that', async () => {
  const socket = connect(harness.port, '127.0.0.1');
  socket.end([
    'PUT /runtimes/ HTTP/1.1', 'Host: 127.0.0.1', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ',
    'Content-Type: application/json', 'Content-Length: 2', '', '{}',
  ].join('\r\n'));
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*ValidationException[\s\S]*agentRuntimeName/);
});
