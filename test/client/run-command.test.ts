import { CommandNotStartedError, CommandOutcomeUnknownError } from '../../src/client/errors';
import { runCommand, RunCommandOptions } from '../../src/client/run-command';
import { FakeClock } from '../util/fake-clock';
import { frame, Script, ScriptedService, start, stderr, stdout, stop } from '../util/scripted-service';

const REQUEST = {
  runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789',
  sessionId: 'a-session-id-of-at-least-33-characters',
  command: 'npm test',
};

let service: ScriptedService;
beforeEach(async () => { service = await new ScriptedService().open(); });
afterEach(() => service.close());

function run(scripts: Script[], options: RunCommandOptions = {}, request = {}) {
  service.answers(...scripts);
  return runCommand(service.client, { ...REQUEST, ...request }, { clock: new FakeClock(), ...options });
}

test('sends command, time-out, session and endpoint', async () => {
  await run([[start, stop(0)]], {}, { qualifier: 'prod', timeoutSeconds: 60 });
  expect(service.seen).toEqual([{
    path: '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fcoder-0123456789/commands?qualifier=prod',
    sessionId: REQUEST.sessionId,
    body: { command: 'npm test', timeout: 60 },
  }]);
});

test('hands output on as it comes, keeps it, and tells how the command ended', async () => {
  const live: string[] = [];
  const result = await run([[start, stdout('one\n'), stderr('oops\n'), stdout('two\n'), stop(3)]], {
    onStdout: (text) => { live.push(`out:${text}`); },
    onStderr: (text) => { live.push(`err:${text}`); },
  });
  expect(live).toEqual(['out:one\n', 'err:oops\n', 'out:two\n']);
  expect(result).toMatchObject({ exitCode: 3, status: 'COMPLETED', stdout: 'one\ntwo\n', stderr: 'oops\n', truncated: false, sessionId: REQUEST.sessionId });
});

test('one delta may carry both streams', async () => {
  const result = await run([[start, { chunk: { contentDelta: { stdout: 'a', stderr: 'b' } } }, stop(0)]]);
  expect(result).toMatchObject({ stdout: 'a', stderr: 'b' });
});

test('a time-out is data', async () => {
  expect(await run([[start, stdout('partial'), stop(-1, 'TIMED_OUT')]])).toMatchObject({ exitCode: -1, status: 'TIMED_OUT', stdout: 'partial' });
});

test('keeps the end of what is too long, and says so', async () => {
  const result = await run([[start, ...Array.from({ length: 50 }, (_, i) => stdout(`line ${i}\n`)), stop(0)]], { keepCharacters: 16 });
  expect(result).toMatchObject({ stdout: 'line 48\nline 49\n', truncated: true });
});

test.each([
  ['ThrottlingException', 429],
  ['RetryableConflictException', 409],
  ['RuntimeClientError', 424],
  ['InternalServerException', 500],
])('calls again after %s, as nothing has started', async (error, status) => {
  const result = await run([{ error, status }, { error, status }, [start, stop(0)]]);
  expect(result.exitCode).toBe(0);
  expect(service.seen).toHaveLength(3);
});

test.each([
  ['ValidationException', 400],
  ['AccessDeniedException', 403],
  ['ResourceNotFoundException', 404],
  ['ServiceQuotaExceededException', 402],
])('%s is final: the command did not start', async (error, status) => {
  await expect(run([{ error, status, message: 'because' }])).rejects.toMatchObject({ name: 'CommandNotStartedError', message: expect.stringContaining(`${error}: because`) });
  expect(service.seen).toHaveLength(1);
});

test('does not call for ever', async () => {
  await expect(run(Array(20).fill({ error: 'RuntimeClientError', status: 424 }))).rejects.toBeInstanceOf(CommandNotStartedError);
  expect(service.seen).toHaveLength(8);
});

const half = frame(stdout('never seen')).subarray(0, 20);
const broken = Uint8Array.from(frame(stdout('x')), (byte, i) => (i === 30 ? 255 - byte : byte));

test.each<[string, Script]>([
  ['a stream without a result', [start, stdout('so far')]],
  ['a connection that is cut', [start, stdout('so far'), 'cut']],
  ['half a frame at the end', [start, stdout('so far'), { bytes: half }]],
  ['a damaged frame', [start, stdout('so far'), { bytes: broken }]],
  ['an exception in the stream', [start, stdout('so far'), { exception: 'throttlingException', message: 'slow down' }]],
  ['an internal error in the stream', [start, stdout('so far'), { exception: 'internalServerException', message: 'oops' }]],
])('%s leaves the outcome unknown, and the command is never run again', async (_, script) => {
  const error = await run([script, [start, stop(0)]]).catch((e) => e);
  expect(error).toBeInstanceOf(CommandOutcomeUnknownError);
  expect(error).toMatchObject({ sessionId: REQUEST.sessionId, output: { stdout: 'so far', stderr: '' } });
  expect(service.seen).toHaveLength(1);
});

test('a connection that is lost before any answer leaves the outcome unknown', async () => {
  await expect(run(['hang up', [start, stop(0)]])).rejects.toBeInstanceOf(CommandOutcomeUnknownError);
  expect(service.seen).toHaveLength(1);
});

test.each([
  ['BadGateway', 502],
  ['GatewayTimeout', 504],
])('an answer of something in between, such as %s, leaves the outcome unknown', async (error, status) => {
  await expect(run([{ error, status }, [start, stop(0)]])).rejects.toBeInstanceOf(CommandOutcomeUnknownError);
  expect(service.seen).toHaveLength(1);
});

test('a time-out that was shortened is told', async () => {
  expect(await run([[start, stop(-1, 'TIMED_OUT')]], { deadline: 90_500 }, { timeoutSeconds: 120 })).toMatchObject({ timeoutSeconds: 90 });
  expect(service.seen[0].body.timeout).toBe(90);
  expect(await run([[start, stop(0)]], { deadline: 120_000 }, { timeoutSeconds: 120 })).not.toHaveProperty('timeoutSeconds');
});

test('a service that cannot be reached has started nothing', async () => {
  await service.shutServer();
  await expect(run([])).rejects.toBeInstanceOf(CommandNotStartedError);
});

test('a slow reader holds the output back', async () => {
  const order: string[] = [];
  await run([[start, stdout('1'), stdout('2'), stop(0)]], {
    onStdout: async (text) => {
      order.push(`begin ${text}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${text}`);
    },
  });
  expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
});

test('an abort ends the reading', async () => {
  const abort = new AbortController();
  await expect(run([[start, stdout('1')]], { signal: abort.signal, onStdout: () => abort.abort(new Error('enough')) }))
    .rejects.toBeInstanceOf(CommandOutcomeUnknownError);
});

test('one client runs more commands than it has sockets, whatever comes after their ends', async () => {
  const sockets = 50;
  const rest = { chunk: { contentDelta: { stdout: 'x'.repeat(100_000) } } };
  const results = [];
  for (let n = 0; n < sockets + 10; n++) results.push(await run([[start, stdout(`${n}`), stop(0), rest, rest]]));
  expect(results.map(({ stdout: text }) => text)).toEqual(results.map((_, n) => `${n}`));
});

test('a listener that throws closes the connection, and so ends the command', async () => {
  const closed = new Promise<void>((resolve) => { service.onClosed = resolve; });
  await expect(run([[start, stdout('1'), 'wait']], { onStdout: () => { throw new Error('disk full'); } })).rejects.toThrow('disk full');
  await closed;
});

test('a connection that stays open after the end of its command is closed', async () => {
  const closed = new Promise<void>((resolve) => { service.onClosed = resolve; });
  expect(await run([[start, stdout('1'), stop(0), 'wait']])).toMatchObject({ exitCode: 0, stdout: '1' });
  await closed;
});
