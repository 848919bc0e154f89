import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import {
  AccessDeniedException, AgentCoreError, AgentSession, CommandFailedError, CommandOutcomeUnknownError, ConnectionError, CredentialsError,
  InvalidInputError, OutputPiece, ResourceNotFoundException, ThrottlingException, UnreadableAnswerError,
} from '../../../src/client';
import { containerInput, errorOf, Harness } from '../../local/server/support/harness';

// the client over HTTP against the local AgentCore, whose sessions run commands in /bin/sh

let harness: Harness;
let session: AgentSession;
let runtimeArn: string;

beforeEach(async () => {
  harness = await Harness.start();
  ({ agentRuntimeArn: runtimeArn } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('coder'))) as { agentRuntimeArn: string });
  session = AgentSession.of({ runtimeArn, endpoint: harness.endpoint });
});

afterEach(async () => {
  session.close();
  await harness.end();
});

async function collect(stream: AsyncGenerator<OutputPiece, unknown>): Promise<{ pieces: OutputPiece[]; result: any }> {
  const pieces: OutputPiece[] = [];
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return { pieces, result: value };
    pieces.push(value as OutputPiece);
  }
}

describe('run', () => {
  test('gives both streams apart, the exit code as data, and whose request it was', async () => {
    const result = await session.run('echo out; echo err >&2; exit 7');
    expect(result).toEqual({
      exitCode: 7,
      ok: false,
      timedOut: false,
      status: 'COMPLETED',
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
      head: { stdout: '', stderr: '' },
      characters: { stdout: 4, stderr: 4 },
      sessionId: session.sessionId,
      durationMillis: expect.any(Number),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('words are one program and its arguments; directory and variables', async () => {
    const result = await session.run(['sh', '-c', 'pwd; echo "$A" "$1"', '-', 'a | b $HOME'], { cwd: '/', env: { A: "it's" } });
    expect(result).toMatchObject({ ok: true, stdout: "/\nit's a | b $HOME\n" });
  });

  test('a time-out is told as one, without an exit code', async () => {
    await harness.setFaults({ kind: 'timedOut', operation: 'InvokeAgentRuntimeCommand', afterDeltas: 1 });
    const result = await session.run('echo partial; sleep 60', { timeoutSeconds: 1 });
    expect(result).toMatchObject({ timedOut: true, ok: false, status: 'TIMED_OUT', stdout: 'partial\n' });
    expect(result.exitCode).toBeUndefined();
  });

  test('a command that the platform has ended has no exit code either', async () => {
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      return { exitCode: -1, status: 'COMPLETED' };
    };
    expect(await session.run('true')).toMatchObject({ exitCode: undefined, ok: false, timedOut: false });
  });

  test('check makes an error of anything but 0', async () => {
    expect(await session.run('true', { check: true })).toMatchObject({ exitCode: 0 });
    const error = await errorOf(session.run('echo no >&2; exit 3', { check: true }));
    expect(error).toBeInstanceOf(CommandFailedError);
    expect(error).toMatchObject({ name: 'CommandFailedError', message: expect.stringContaining('exited with 3'), result: { exitCode: 3, stderr: 'no\n' }, retryable: false });
  });

  test('an asynchronous listener is awaited before the next piece comes', async () => {
    const order: string[] = [];
    harness.sessions.onRun = async (sink) => {
      for (const piece of ['1', '2', '3']) await sink.onStdout(Buffer.from(piece));
      return { exitCode: 0, status: 'COMPLETED' };
    };
    await session.run('true', {
      async onStdout(text) {
        order.push(`begin ${text}`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`end ${text}`);
      },
    });
    expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  test('a listener that does not come back holds the command back, and what was sent stays bounded', async () => {
    let written = 0;
    let stalled!: () => void;
    const stall = new Promise<void>((resolve) => { stalled = resolve; });
    let ended = false;
    harness.sessions.onRun = async (sink, signal) => {
      const piece = Buffer.alloc(50_000, 'x');
      while (!ended && !signal?.aborted && written < 2_000) {
        const sent = Promise.resolve(sink.onStdout(piece));
        // as much as sockets and buffers hold goes out; then nothing does
        if (await Promise.race([sent.then(() => false), new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500))])) stalled();
        await sent;
        written++;
      }
      return { exitCode: 0, status: 'COMPLETED' };
    };
    let release!: () => void;
    const held = new Promise<void>((resolve) => { release = resolve; });
    const running = session.run('true', { onStdout: () => held });
    await stall;
    const whenStalled = written;
    ended = true;
    release();
    expect((await running).characters.stdout).toBeGreaterThanOrEqual(whenStalled * 50_000);
    // 100 MB would have come
    expect(whenStalled).toBeLessThan(400);
  });

  test('keeps the end of what is too long, in bytes, and counts all of it', async () => {
    const result = await session.run('i=0; while [ $i -lt 2000 ]; do echo "zeile $i äöü"; i=$((i+1)); done', { maxBufferBytes: 31 });
    expect(result.truncated).toBe(true);
    expect(Buffer.byteLength(result.stdout)).toBeLessThanOrEqual(31);
    expect(result.stdout.endsWith('zeile 1999 äöü\n')).toBe(true);
    expect(result.head.stdout.startsWith('zeile 0 äöü\nzeile 1 ')).toBe(true);
    expect(result.characters.stdout).toBe(Array.from({ length: 2_000 }, (_, i) => `zeile ${i} äöü\n`).join('').length);
    expect(await session.run('echo out', { maxBufferBytes: 0 })).toMatchObject({ stdout: '', truncated: true, characters: { stdout: 4 } });
  });

  test('characters that are split across pieces arrive whole', async () => {
    const text = 'a😀é日';
    harness.sessions.onRun = async (sink) => {
      for (const byte of Buffer.from(text)) await sink.onStdout(Buffer.from([byte]));
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const seen: string[] = [];
    expect((await session.run('true', { onStdout: (piece) => { seen.push(piece); } })).stdout).toBe(text);
    expect(seen.join('')).toBe(text);
    expect(seen.every((piece) => Buffer.from(piece).toString() === piece)).toBe(true);
  });

  test('an error of a listener comes through as it is, and ends the command', async () => {
    let gone!: () => void;
    const aborted = new Promise<void>((resolve) => { gone = resolve; });
    harness.sessions.onRun = async (sink, signal) => {
      signal!.addEventListener('abort', gone);
      await sink.onStdout(Buffer.from('x'));
      await aborted;
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const mistake = new Error('disk full');
    expect(await errorOf(session.run('true', { onStdout() { throw mistake; } }))).toBe(mistake);
    await aborted;
  });

  test.each<[string, Parameters<AgentSession['run']>, RegExp]>([
    ['no command', ['  '], /command is empty/],
    ['a directory that is not absolute', ['true', { cwd: 'src' }], /"src" is not an absolute path/],
    ['a variable that is none', ['true', { env: { 'A-B': '' } }], /environment variable name "A-B"/],
    ['a time-out that is too long', ['true', { timeoutSeconds: 3_601 }], /time-out of 3601 s/],
    ['a command that is too long once it is wrapped', [`echo '${'x'.repeat(60_000)}'`], /command has 8\d{4} characters once it is wrapped.*put long work into a script/],
    ['a shell with a quote', ['true', { shell: "/bin/s'h" }], /shell .* is not an absolute path/],
    ['a buffer of a negative size', ['true', { maxBufferBytes: -1 }], /maxBufferBytes of -1/],
  ])('%s is refused before anything is sent', async (_, args, message) => {
    const error = await errorOf(session.run(...args));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toMatch(message);
    expect(harness.sessions.commands).toEqual([]);
  });
});

describe('errors', () => {
  const fault = async (error: string, times: number | 'always') => harness.setFaults({ kind: 'error', operation: 'InvokeAgentRuntimeCommand', error, times });

  test.each(['RetryableConflictException', 'ThrottlingException', 'ConflictException'])('%s is waited out', async (error) => {
    await fault(error, 1);
    expect(await session.run('echo once')).toMatchObject({ stdout: 'once\n' });
    expect(harness.sessions.commands).toHaveLength(1);
  });

  test('an error of the service is a class with its name, the request id and what to do', async () => {
    await fault('AccessDeniedException', 'always');
    const error = await errorOf(session.run('true'));
    expect(error).toBeInstanceOf(AccessDeniedException);
    expect(error).toBeInstanceOf(AgentCoreError);
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('the command did not start'),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      retryable: false,
      mayHaveRun: false,
      nextStep: expect.stringContaining('Allow the action'),
    });
  });

  test('what would be worth another try later says so', async () => {
    await fault('ThrottlingException', 'always');
    const failing = session.run('true', { signal: AbortSignal.timeout(1_500) });
    // ended while waiting for another call, the caller is told of its own reason
    expect((await errorOf(failing)).name).toBe('TimeoutError');
    await harness.setFaults({ kind: 'error', operation: 'StopRuntimeSession', error: 'AccessDeniedException', times: 1 });
    expect(await errorOf(session.stop())).toBeInstanceOf(AccessDeniedException);
    expect(new ThrottlingException('ThrottlingException', 'x', { retryable: true, mayHaveRun: false, nextStep: 'y' })).toMatchObject({ name: 'ThrottlingException', retryable: true });
  });

  test('a runtime that is not there', async () => {
    const lost = AgentSession.of({ runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/coder-0000000000', endpoint: harness.endpoint });
    expect(await errorOf(lost.run('true'))).toBeInstanceOf(ResourceNotFoundException);
    lost.close();
  });

  test.each(['cutStream', 'endStream', 'halfFrame', 'damagedFrame', 'streamException'])('%s leaves the outcome unknown, and the command is not run again', async (kind) => {
    await harness.setFaults({ kind, operation: 'InvokeAgentRuntimeCommand', afterDeltas: 1, times: 1, ...(kind === 'streamException' ? { error: 'ThrottlingException' } : {}) });
    const error = await errorOf(session.run('echo so far; exit 0'));
    expect(error).toBeInstanceOf(CommandOutcomeUnknownError);
    expect(error).toMatchObject({
      sessionId: session.sessionId,
      retryable: false,
      mayHaveRun: true,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      output: { stderr: '' },
      nextStep: expect.stringContaining('before you run it again'),
    });
    expect(harness.sessions.commands).toHaveLength(1);
  });

  test('nobody who answers: nothing has run', async () => {
    await harness.stopServer();
    const error = await errorOf(session.run('true'));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: true, mayHaveRun: false, message: expect.stringContaining('ECONNREFUSED'), nextStep: expect.stringContaining('local start') });
  });

  test.each([
    ['missing', Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' })],
    ['expired', Object.assign(new Error('Token is expired. To refresh this SSO session run aws sso login'), { name: 'TokenProviderError' })],
  ])('credentials that are %s', async (_, cause) => {
    const unsigned = AgentSession.of({ runtimeArn, endpoint: harness.endpoint, credentials: async () => { throw cause; } });
    const error = await errorOf(unsigned.run('true'));
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({ mayHaveRun: false, nextStep: expect.stringContaining('aws sso login') });
    expect(harness.sessions.commands).toEqual([]);
    unsigned.close();
  });

  test.each<[string, object, RegExp]>([
    ['a session id that is too short', { sessionId: 'short' }, /session id "short" has 5 characters, allowed are 33 to 256/],
    ['an ARN that is none', { runtimeArn: 'coder' }, /"coder" is not the ARN of a runtime/],
    ['an endpoint name that is none', { qualifier: 'a-b' }, /endpoint name "a-b"/],
    ['a URL that is none', { endpoint: 'localhost' }, /endpoint "localhost" is not a URL/],
    ['a history of a half', { historyLimit: 0.5 }, /historyLimit of 0.5/],
  ])('%s', (_, wrong, message) => {
    expect(() => AgentSession.of({ runtimeArn, ...wrong })).toThrow(message);
  });
});

describe('abort', () => {
  test('before anything is sent', async () => {
    const reason = new Error('not now');
    for (const call of [
      () => session.run('true', { signal: AbortSignal.abort(reason) }),
      () => session.stop({ signal: AbortSignal.abort(reason) }),
      () => session.invoke({}, { signal: AbortSignal.abort(reason) }),
      () => session.runDetached('true', { signal: AbortSignal.abort(reason) }),
    ]) expect(await errorOf(call())).toBe(reason);
    expect(harness.sessions.commands).toEqual([]);
  });

  test.each(['while a command is silent', 'while a listener does not come back'])('%s', async (when) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const running = session.run('echo up; sleep 1000', {
      signal: abort.signal,
      async onStdout() {
        setImmediate(() => abort.abort(reason));
        if (when.includes('listener')) await new Promise(() => {});
      },
    });
    expect(await errorOf(running)).toBe(reason);
  });
});

describe('stream', () => {
  test('gives the pieces as they come, and returns the result', async () => {
    const { pieces, result } = await collect(session.stream('echo one; echo two >&2; exit 4'));
    expect(pieces.map(({ stdout }) => stdout ?? '').join('')).toBe('one\n');
    expect(pieces.map(({ stderr }) => stderr ?? '').join('')).toBe('two\n');
    expect(result).toMatchObject({ exitCode: 4, stdout: 'one\n', stderr: 'two\n' });
  });

  test('to leave the loop ends the command', async () => {
    for await (const { stdout } of session.stream('yes')) {
      expect(stdout).toMatch(/^y\n/);
      break;
    }
    expect(session.history).toMatchObject([{ command: 'yes', error: { name: 'AbortError' } }]);
  });

  test('its errors are those of run', async () => {
    await expect(collect(session.stream(''))).rejects.toBeInstanceOf(InvalidInputError);
    await expect(collect(session.stream('exit 2', { check: true }))).rejects.toBeInstanceOf(CommandFailedError);
    const abort = new AbortController();
    const reason = new Error('enough');
    await expect((async () => {
      for await (const piece of session.stream('echo up; sleep 1000', { signal: abort.signal })) if (piece) abort.abort(reason);
    })()).rejects.toBe(reason);
  });
});

describe('invoke', () => {
  const answer = (contentType: string, ...pieces: (string | Buffer)[]) => {
    harness.sessions.onInvoke = () => ({ status: 200, headers: { 'content-type': contentType }, body: Readable.from(pieces.map((piece) => Buffer.from(piece as string))) });
  };

  test('sends JSON and gives back the value', async () => {
    answer('application/json; charset=utf-8', '{"done":', 'true}');
    expect(await session.invoke({ task: 'ä' })).toEqual({ done: true });
    expect(harness.sessions.requests[0]).toMatchObject({ headers: { 'content-type': 'application/json', 'x-amzn-bedrock-agentcore-runtime-session-id': session.sessionId } });
    expect(harness.sessions.requests[0].body.toString()).toBe('{"task":"ä"}');
  });

  test('bytes are sent as they are; text is given back as text, nothing as undefined', async () => {
    answer('text/plain', 'hello');
    expect(await session.invoke(Buffer.from('raw'), { contentType: 'text/plain' })).toBe('hello');
    expect(harness.sessions.requests[0].body.toString()).toBe('raw');
    answer('application/json');
    expect(await session.invoke('x')).toBeUndefined();
  });

  test('text as it comes, with characters whose bytes come apart', async () => {
    const bytes = Buffer.from('data: grüße 😀\n\n');
    answer('text/event-stream', ...[...bytes].map((byte) => Buffer.from([byte])));
    let text = '';
    for await (const piece of session.invokeStream({})) text += piece;
    expect(text).toBe('data: grüße 😀\n\n');
  });

  test('JSON that is none, and a payload that cannot be JSON', async () => {
    answer('application/json', 'oops');
    expect(await errorOf(session.invoke({}))).toBeInstanceOf(UnreadableAnswerError);
    expect(await errorOf(session.invoke(undefined))).toBeInstanceOf(InvalidInputError);
  });

  test('an agent that fails may have worked, and is not invoked again', async () => {
    expect(await errorOf(session.invoke({}))).toMatchObject({ name: 'RuntimeClientError', mayHaveRun: true, retryable: false });
    expect(harness.sessions.requests).toHaveLength(1);
  });

  test('a session that is just being stopped is waited for', async () => {
    answer('text/plain', 'hello');
    await harness.setFaults({ kind: 'error', operation: 'InvokeAgentRuntime', error: 'RetryableConflictException', times: 1 });
    expect(await session.invoke({})).toBe('hello');
  });
});

test('stop says whether there was something to stop', async () => {
  await session.run('true');
  expect(await session.stop()).toBe(true);
  expect(await session.stop()).toBe(false);
});

describe('detached', () => {
  test('another process attaches by JSON, and reads all of it', async () => {
    const started = await session.runDetached("printf 'it is %s' \"$A\"; echo err >&2; exit 5", { env: { A: 'grün' }, timeoutSeconds: 60 });
    const handle = JSON.parse(JSON.stringify(started));
    const other = AgentSession.of({ ...handle, endpoint: harness.endpoint });
    const seen: string[] = [];
    const result = await other.attach(handle).wait({ onStdout: (text) => { seen.push(text); } });
    expect(result).toMatchObject({ exitCode: 5, stdout: 'it is grün', stderr: 'err\n', characters: { stdout: 10, stderr: 4 } });
    expect(seen.join('')).toBe('it is grün');
    // it can be read again
    expect(await started.wait()).toMatchObject({ exitCode: 5, stdout: 'it is grün' });
    await started.remove();
    expect(await errorOf(started.wait())).toMatchObject({ name: 'CommandOutcomeUnknownError', mayHaveRun: true });
    other.close();
  });

  test('is ended as by its time-out; to stop waiting does not end it', async () => {
    const started = await session.runDetached('echo up; sleep 1000');
    const abort = new AbortController();
    const reason = new Error('later');
    expect(await errorOf(started.wait({ signal: abort.signal, onStdout: () => abort.abort(reason) }))).toBe(reason);
    await started.stop();
    expect(await started.wait()).toMatchObject({ timedOut: true, exitCode: undefined, stdout: 'up\n' });
    await started.remove();
  });

  test('belongs to its session', async () => {
    const handle = { runtimeArn, sessionId: 'another-session-id-of-33-characters', qualifier: 'DEFAULT', token: 'x', startedAt: 0, timeoutSeconds: 1 };
    expect(() => session.attach(handle)).toThrow(/runs in session another-session-id.*AgentSession.of\(handle\)/);
    const ours = { ...handle, sessionId: session.sessionId };
    expect(() => session.attach({ ...ours, token: '"; rm -rf /' })).toThrow(/no valid token/);
  });

  test('is refused before anything is sent', async () => {
    expect(await errorOf(session.runDetached('x'.repeat(60_000)))).toBeInstanceOf(InvalidInputError);
    expect(await errorOf(session.runDetached('true', { timeoutSeconds: 28_801 }))).toBeInstanceOf(InvalidInputError);
    expect(harness.sessions.commands).toEqual([]);
  });
});

test('history tells what this object has run, and forgets the oldest', async () => {
  const short = AgentSession.of({ runtimeArn, endpoint: harness.endpoint, historyLimit: 2 });
  await short.run('echo one');
  await short.run(['head', '-c', '10000', '/dev/zero']);
  await errorOf(short.run('exit 1', { check: true }));
  expect(short.history).toMatchObject([
    { command: ['head', '-c', '10000', '/dev/zero'], result: { exitCode: 0, truncated: true }, startedAt: expect.any(Date), endedAt: expect.any(Date) },
    { command: 'exit 1', error: { name: 'CommandFailedError' } },
  ]);
  expect(short.history[0].result!.stdout).toHaveLength(4_096);
  short.close();
});

describe('of and fromStack', () => {
  test('the ARN of an endpoint names the endpoint; a new session has a new id', () => {
    const at = AgentSession.of({ runtimeArn: `${runtimeArn}/runtime-endpoint/prod` });
    expect(at).toMatchObject({ runtimeArn, qualifier: 'prod', sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(AgentSession.of({ runtimeArn }).sessionId).not.toBe(at.sessionId);
  });

  test('the environment may name a local AgentCore', async () => {
    process.env.CDK_AGENTCORE_ENDPOINT = harness.endpoint;
    try {
      const here = AgentSession.of({ runtimeArn });
      expect(await here.run('echo hi')).toMatchObject({ stdout: 'hi\n' });
      here.close();
    } finally {
      delete process.env.CDK_AGENTCORE_ENDPOINT;
    }
  });

  test('outputs of a stack', () => {
    const home = mkdtempSync(join(tmpdir(), 'outputs-'));
    try {
      const outputsFile = join(home, 'outputs.json');
      const other = runtimeArn.replace('coder', 'other');
      writeFileSync(outputsFile, JSON.stringify({ One: { AgentArn1A2B: runtimeArn, Url: 'https://x' }, Two: { AArn: runtimeArn, BArn: other }, None: {} }));
      expect(AgentSession.fromStack({ outputsFile, stack: 'One' }).runtimeArn).toBe(runtimeArn);
      expect(AgentSession.fromStack({ outputsFile, stack: 'Two', output: 'B' }).runtimeArn).toBe(other);
      expect(() => AgentSession.fromStack({ outputsFile, stack: 'Two' })).toThrow(/several outputs.*AArn, BArn; name one/);
      expect(() => AgentSession.fromStack({ outputsFile, stack: 'None' })).toThrow(/no output that is the ARN of a runtime, but none; add/);
      expect(() => AgentSession.fromStack({ outputsFile, stack: 'Three' })).toThrow(/no stack Three in .*One, Two, None/);
      expect(() => AgentSession.fromStack({ outputsFile: join(home, 'x.json'), stack: 'One' })).toThrow(/cdk deploy --outputs-file/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
