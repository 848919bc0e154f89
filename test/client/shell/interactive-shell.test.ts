import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { WebSocket, WebSocketServer } from 'ws';
import { AccessDeniedException, ConnectionError, InvalidInputError, RuntimeClientError, ShellOptions } from '../../../src/client';
import { InteractiveShell } from '../../../src/client/shell/interactive-shell';
import { SHELL_LIMITS } from '../../../src/service/shell';
import { decodeShellFrame, encodeShellFrame, encodeShellStatus, SHELL_CHANNEL } from '../../../src/service/shell-frames';
import { errorOf } from '../../local/server/support/harness';
import { FakeClock } from '../../util/fake-clock';

const PLACE = {
  runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5',
  sessionId: 'session-0123456789-0123456789-0123',
  qualifier: 'DEFAULT',
};

/** What the service does with a request for a shell. */
type Step = ((socket: WebSocket) => void) | { readonly status: number; readonly error: string; readonly message?: string } | 'hang up';

let server: Server;
let client: BedrockAgentCoreClient;
let steps: Step[];
let seen: IncomingMessage[];
let typed: string;
let sizes: string[];
const clock = new FakeClock(0);

beforeEach(async () => {
  [steps, seen, typed, sizes] = [[], [], '', []];
  const sockets = new WebSocketServer({ noServer: true });
  server = createServer().on('upgrade', (request, socket, head) => {
    seen.push(request);
    const step = steps.shift() ?? 'hang up';
    if (step === 'hang up') {
      socket.destroy();
    } else if (typeof step === 'function') {
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        accepted.on('message', (data) => {
          const { channel, payload } = decodeShellFrame(data as Buffer)!;
          if (channel === SHELL_CHANNEL.stdin) typed += payload.toString();
          if (channel === SHELL_CHANNEL.resize) sizes.push(payload.toString());
        });
        step(accepted);
      });
    } else {
      const body = JSON.stringify({ message: step.message ?? step.error });
      socket.end(`HTTP/1.1 ${step.status} Refused\r\nx-amzn-ErrorType: ${step.error}\r\nx-amzn-RequestId: 12345\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new BedrockAgentCoreClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'us-east-1', credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
  });
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = async (options: ShellOptions = {}) => InteractiveShell.open(client, PLACE, { shellId: 'main', ...options }, clock);

const connected = (socket: WebSocket, reconnected = false, bytesDropped = 0) => socket.send(encodeShellStatus({ kind: 'connected', shellId: 'main', reconnected, bytesDropped }));
const says = (socket: WebSocket, text: string) => socket.send(encodeShellFrame(SHELL_CHANNEL.stdout, text));
const exits = (socket: WebSocket, exitCode: number | undefined, message = '') => {
  socket.send(encodeShellStatus({ kind: 'ended', exitCode, message }));
  socket.close(1000);
};

test('the connection is signed, and names runtime, session and shell', async () => {
  steps = [(socket) => {
    connected(socket);
    exits(socket, 0);
  }];
  const shell = await open({ columns: 100, rows: 40 });
  expect(await shell.ended).toEqual({ how: 'exited', exitCode: 0, message: '' });
  expect(shell).toMatchObject({ shellId: 'main', resumed: false });
  const [{ url, headers }] = seen;
  expect(url).toBe(`/runtimes/${encodeURIComponent(PLACE.runtimeArn)}/ws/shells?qualifier=DEFAULT&shellId=main`);
  expect(headers).toMatchObject({
    'x-amzn-bedrock-agentcore-runtime-session-id': PLACE.sessionId,
    'authorization': expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/us-east-1\/bedrock-agentcore\/aws4_request, SignedHeaders=\S*x-amzn-bedrock-agentcore-runtime-session-id/),
  });
});

test('output comes in order and one piece after the other, also what comes before the status; then how it ended', async () => {
  steps = [(socket) => {
    says(socket, 'early ');
    connected(socket);
    for (let n = 0; n < 50; n++) says(socket, `${n} `);
    socket.send(encodeShellFrame(SHELL_CHANNEL.stderr, 'a notice\n'));
    exits(socket, 7, 'command terminated with exit code 7');
  }];
  let busy = false;
  let text = '';
  const notices: string[] = [];
  const shell = await open({
    async onOutput(bytes) {
      expect(busy).toBe(false);
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
      text += Buffer.from(bytes).toString();
    },
    onNotice: (notice) => notices.push(notice),
  });
  expect(await shell.ended).toEqual({ how: 'exited', exitCode: 7, message: 'command terminated with exit code 7' });
  expect(text).toBe(`early ${Array.from({ length: 50 }, (_, n) => `${n} `).join('')}`);
  expect(notices).toEqual(['a notice']);
});

test('a lost connection is made anew, with the size that counts by then; what is typed meanwhile comes later', async () => {
  let back!: (socket: WebSocket) => void;
  const again = new Promise<WebSocket>((resolve) => { back = resolve; });
  steps = [
    (socket) => {
      connected(socket);
      socket.on('message', () => typed === 'before ' && socket.terminate());
    },
    'hang up',
    { status: 429, error: 'ThrottlingException' },
    (socket) => {
      connected(socket, true);
      says(socket, 'what came meanwhile');
      connected(socket, true, 17);
      back(socket);
    },
  ];
  const events: string[] = [];
  const shell = await open({
    onOutput: (bytes) => void events.push(`output ${Buffer.from(bytes).toString()}`),
    onNotice: (text) => events.push(`notice ${text}`),
    onDisconnect: (why) => events.push(`lost: ${why}`),
    onReconnect: ({ resumed }) => events.push(`back, resumed: ${resumed}`),
  });
  await shell.write('before ');
  await new Promise<void>((resolve) => { const look = () => (events.length > 0 ? resolve() : setImmediate(look)); look(); });
  const writing = shell.write('after');
  shell.resize(132, 50);
  const socket = await again;
  await writing;
  exits(socket, 0);
  expect(await shell.ended).toMatchObject({ how: 'exited', exitCode: 0 });
  expect(events[0]).toMatch(/^lost: close code 1006/);
  expect(events).toEqual(expect.arrayContaining(['back, resumed: true', 'output what came meanwhile', 'notice 17 bytes of output before this are lost']));
  expect(typed).toBe('before after');
  expect(sizes.at(-1)).toBe('{"width":132,"height":50}');
  expect(seen).toHaveLength(4);
});

test('a shell that is gone is told from one that is there again', async () => {
  let resumed: boolean | undefined;
  steps = [
    (socket) => {
      connected(socket);
      socket.close(1001);
    },
    (socket) => {
      connected(socket, false);
      exits(socket, 0);
    },
  ];
  const shell = await open({ onReconnect: (back) => { ({ resumed } = back); } });
  await shell.ended;
  expect(resumed).toBe(false);
});

test.each<[string, (socket: WebSocket) => void, object]>([
  ['another client', (socket) => socket.close(4000, 'taken over'), { how: 'replaced', exitCode: undefined, message: 'taken over' }],
  ['the end of the session', (socket) => {
    socket.send(encodeShellFrame(SHELL_CHANNEL.close));
    socket.close(1001);
  }, { how: 'sessionEnded', exitCode: undefined, message: '' }],
  ['the platform', (socket) => exits(socket, undefined, 'no more memory'), { how: 'exited', exitCode: undefined, message: 'no more memory' }],
  ['a normal closure', (socket) => socket.close(1000), { how: 'exited', exitCode: undefined, message: '' }],
])('%s ends it, and it is not connected to again', async (_, end, expected) => {
  steps = [(socket) => {
    connected(socket);
    end(socket);
  }, (socket) => connected(socket)];
  expect(await (await open()).ended).toEqual(expected);
  expect(seen).toHaveLength(1);
});

test('what the service does not take is told, with the shell\'s id', async () => {
  steps = [(socket) => {
    connected(socket);
    socket.close(1008, 'too fast');
  }];
  const error = await errorOf((await open()).ended);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ message: expect.stringContaining('1008: too fast'), nextStep: expect.stringContaining('shell main') });
});

test('a connection that cannot be made again is given up after 20 tries', async () => {
  steps = [(socket) => {
    connected(socket);
    socket.terminate();
  }];
  const error = await errorOf((await open()).ended);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(seen).toHaveLength(21);
});

test('that access is denied meanwhile is told at once', async () => {
  steps = [(socket) => {
    connected(socket);
    socket.terminate();
  }, { status: 403, error: 'AccessDeniedException', message: 'not any more' }];
  await expect((await open()).ended).rejects.toThrow(/not any more/);
  expect(seen).toHaveLength(2);
});

test.each<[string, Step, number]>([
  ['a session that is starting', { status: 409, error: 'RetryableConflictException' }, 2],
  ['an agent that is not up yet', { status: 424, error: 'RuntimeClientError', message: 'the agent did not answer' }, 2],
])('%s is waited for', async (_, first, requests) => {
  steps = [first, (socket) => connected(socket)];
  const shell = await open();
  await shell.leave();
  expect(seen).toHaveLength(requests);
});

test.each<[string, Step, new (...args: any[]) => Error]>([
  ['access that is denied', { status: 403, error: 'AccessDeniedException', message: 'User is not authorized' }, AccessDeniedException],
  ['one shell too many', { status: 424, error: 'RuntimeClientError', message: 'shell limit reached' }, RuntimeClientError],
])('%s is told by the service\'s own name and request id, at once', async (_, step, ErrorClass) => {
  steps = [step];
  const error = await errorOf(open());
  expect(error).toBeInstanceOf(ErrorClass);
  expect(error).toMatchObject({ requestId: '12345', message: expect.stringContaining(PLACE.sessionId) });
  expect(seen).toHaveLength(1);
});

test('nobody there is told as that', async () => {
  const nobody = new BedrockAgentCoreClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const error = await errorOf(InteractiveShell.open(nobody, PLACE, {}, clock));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ mayHaveRun: false, message: expect.stringContaining('ECONNREFUSED') });
});

test.each<[ShellOptions, RegExp]>([
  [{ shellId: '-x' }, /shell id "-x"/],
  [{ columns: 0 }, /columns of 0/],
  [{ rows: 70_000 }, /rows of 70000/],
])('%j is refused before anything is sent', async (options, message) => {
  const error = await errorOf(open(options));
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error.message).toMatch(message);
  expect(seen).toHaveLength(0);
});

test('to close asks for the end of the shell, to leave does not', async () => {
  for (const [how, frames] of [['closed', [SHELL_CHANNEL.close]], ['left', []]] as const) {
    const got: number[] = [];
    let gone!: Promise<void>;
    steps = [(socket) => {
      connected(socket);
      gone = new Promise((resolve) => socket.once('close', () => resolve()));
      socket.on('message', (data) => {
        const { channel } = decodeShellFrame(data as Buffer)!;
        if (channel !== SHELL_CHANNEL.resize) got.push(channel);
      });
    }];
    const shell = await open();
    await (how === 'closed' ? shell.close() : shell.leave());
    expect(await shell.ended).toEqual({ how, exitCode: undefined, message: '' });
    await gone;
    expect(got).toEqual(frames);
    // nobody is there to take it
    await shell.write('too late');
    shell.resize(1, 1);
  }
});

test('a signal leaves the shell, also while the connection is being made anew', async () => {
  for (const second of [undefined, 'hang up'] as const) {
    const abort = new AbortController();
    steps = [(socket) => {
      connected(socket);
      if (second) socket.terminate();
    }];
    const shell = await open({ signal: abort.signal, onDisconnect: () => abort.abort(new Error('enough')) });
    if (!second) abort.abort(new Error('enough'));
    expect(await shell.ended).toMatchObject({ how: 'left' });
  }
});

test('a signal that has struck before rejects the opening with its reason', async () => {
  const reason = new Error('not at all');
  await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(seen).toHaveLength(0);
});

test('what a listener throws ends the connection and is how it ended', async () => {
  const failure = new Error('disk full');
  steps = [(socket) => {
    connected(socket);
    says(socket, 'text');
  }];
  const shell = await open({ onOutput: () => { throw failure; } });
  await expect(shell.ended).rejects.toBe(failure);
});

test('long input is cut into frames that the service takes, and not more of them in a second than it takes', async () => {
  const frames: number[] = [];
  let done!: () => void;
  const all = new Promise<void>((resolve) => { done = resolve; });
  const bytes = Buffer.alloc(300 * SHELL_LIMITS.frameBytes, 'x');
  steps = [(socket) => {
    connected(socket);
    let size = 0;
    socket.on('message', (data) => {
      const { channel, payload } = decodeShellFrame(data as Buffer)!;
      if (channel !== SHELL_CHANNEL.stdin) return;
      frames.push(payload.length + 1);
      size += payload.length;
      if (size === bytes.length) done();
    });
  }];
  const shell = await open();
  const before = clock.now();
  await shell.write(bytes);
  await all;
  expect(Math.max(...frames)).toBe(SHELL_LIMITS.frameBytes);
  expect(frames.length).toBeGreaterThan(SHELL_LIMITS.framesPerSecond);
  expect(clock.now() - before).toBeGreaterThanOrEqual(1_000);
  await shell.leave();
});
