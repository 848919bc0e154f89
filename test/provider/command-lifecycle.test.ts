import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clock, SYSTEM_CLOCK } from '../../src/client/clock';
import { CommandLifecycle } from '../../src/provider/command-lifecycle';
import { COMMAND_ATTRIBUTES } from '../../src/provider/contract';
import { digest } from '../../src/provider/digest';
import { Ledger, MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest, LifecycleResult } from '../../src/provider/lifecycle';
import { FakeClock } from '../util/fake-clock';
import { ScriptedService, start, stderr, stdout, stop } from '../util/scripted-service';

const PROPERTIES = {
  AgentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789',
  Qualifier: 'DEFAULT',
  Command: 'npm test',
  Timeout: '60',
};

let service: ScriptedService;
let lifecycle: CommandLifecycle;
let logged: object[];
let continuations: unknown[];

beforeEach(async () => {
  service = await new ScriptedService().open();
  logged = [];
  continuations = [];
  lifecycle = lifecycleOn(new MemoryLedger(new FakeClock()), new FakeClock());
});
afterEach(() => service.close());

function lifecycleOn(ledger: Ledger, clock: Clock): CommandLifecycle {
  return new CommandLifecycle(service.client, {
    clock,
    ledger,
    log: (notice, fields) => logged.push({ notice, ...fields }),
    logUrl: 'https://logs',
    callAgain: async (continuation) => { continuations.push(JSON.parse(JSON.stringify(continuation))); },
  });
}

function request(properties: object = {}, requestId = 'request-1'): LifecycleRequest {
  return {
    owner: { stackId: 'stack', logicalId: 'CheckToolChain' },
    requestId,
    properties: { ...PROPERTIES, ...properties },
    oldProperties: {},
    signal: new AbortController().signal,
    deadline: 880_000,
  };
}

const run = async (asked: LifecycleRequest) => await lifecycle.create(asked) as LifecycleResult;

test('tells how the command ended, as strings, each attribute always present', async () => {
  service.answers([start, stdout('v20\n'), stderr('warning\n'), stop(0)]);
  const { attributes } = await run(request());
  expect(Object.keys(attributes).sort()).toEqual([...COMMAND_ATTRIBUTES].sort());
  expect(attributes).toMatchObject({ ExitCode: '0', Status: 'COMPLETED', Stdout: 'v20\n', Stderr: 'warning\n', Truncated: 'false', LogUrl: 'https://logs' });
  expect(Object.values(attributes).every((value) => typeof value === 'string')).toBe(true);
});

test('runs in a session of its own, which it stops', async () => {
  service.answers([start, stop(0)], [start, stop(0)]);
  const { attributes } = await run(request());
  expect(attributes.SessionId).toMatch(/^CheckToolChain-[0-9a-f]{32}$/);
  expect(service.seen.map(({ path, sessionId }) => [path.split('/').pop(), sessionId])).toEqual([
    ['commands?qualifier=DEFAULT', attributes.SessionId],
    ['stopruntimesession?qualifier=DEFAULT', attributes.SessionId],
  ]);
  const again = await run(request({}, 'request-2'));
  expect(again.attributes.SessionId).not.toBe(attributes.SessionId);
});

test('keeps its id, so that an update is never a replacement', async () => {
  service.answers([start, stop(0)], [start, stop(0)]);
  const first = await run(request());
  const second = await run(request({ Command: 'npm run lint' }, 'request-2'));
  expect(second.physicalId).toBe(first.physicalId);
  expect(lifecycle.fallbackId(request())).not.toBe(first.physicalId);
});

test('shell text, words, directory and environment arrive wrapped for the service', async () => {
  service.answers([start, stop(0)], [start, stop(0)]);
  await lifecycle.create(request({ WorkingDirectory: '/mnt/workspace', Environment: { CI: 'true' } }));
  await lifecycle.create(request({ Command: undefined, Arguments: ['npm', 'run', 'lint'] }, 'request-2'));
  const commands = service.seen.filter(({ path }) => path.includes('/commands')).map(({ body }) => body);
  expect(commands).toEqual([
    { command: "/bin/sh -c 'exec </dev/null; cd /mnt/workspace || exit 1; export CI=true; npm test'", timeout: 60 },
    { command: "/bin/sh -c 'exec </dev/null; exec npm run lint'", timeout: 60 },
  ]);
});

test('a request that is delivered again, at once or later, answers the same and starts nothing', async () => {
  // the second delivery waits for as long as the first one may live, in real time
  lifecycle = lifecycleOn(new MemoryLedger(SYSTEM_CLOCK), SYSTEM_CLOCK);
  service.answers([start, stdout('once'), stop(0)], [start, stdout('twice'), stop(0)]);
  const asked = { ...request(), deadline: Date.now() + 60_000 };
  const [first, second] = await Promise.all([lifecycle.create(asked), lifecycle.create(asked)]);
  expect(second).toEqual(first);
  expect(await lifecycle.create(asked)).toEqual(first);
  expect(service.seen.filter(({ path }) => path.includes('/commands'))).toHaveLength(1);
});

test('a failed request that is delivered again fails the same', async () => {
  service.answers([start, stop(3)], [start, stop(0)]);
  const reason = () => lifecycle.create(request()).catch((error: Error) => error.message);
  const first = await reason();
  expect(first).toMatch(/exit code 3/);
  expect(await reason()).toBe(first);
});

test('a failing command fails with exit code, status, session and the end of stderr', async () => {
  service.answers([start, stderr('no such tool\n'), stop(3)]);
  await expect(lifecycle.create(request())).rejects.toThrow(
    /^the command failed with exit code 3 \(status COMPLETED, session CheckToolChain-[0-9a-f]{32}\); it ended with: no such tool$/,
  );
  expect(service.seen.at(-1)!.path).toContain('/stopruntimesession');
});

test('a time-out fails even with exit code 0', async () => {
  service.answers([start, stop(0, 'TIMED_OUT')]);
  await expect(lifecycle.create(request())).rejects.toThrow(/timed out after 60 s .*status TIMED_OUT/);
});

test('a stream without a result fails as unknown, once, with what was seen', async () => {
  service.answers([start, stderr('half way\n')], [start, stop(0)]);
  await expect(lifecycle.create(request())).rejects.toThrow(/outcome of the command in session CheckToolChain-.* is unknown.*half way/);
  expect(service.seen.filter(({ path }) => path.includes('/commands'))).toHaveLength(1);
});

test('the log shows the output line by line', async () => {
  service.answers([start, stdout('on'), stdout('e\ntwo\n'), stop(0)]);
  await lifecycle.create(request());
  expect(logged).toContainEqual({ notice: 'output', command: 'CheckToolChain', stdout: 'one' });
  expect(logged).toContainEqual({ notice: 'output', command: 'CheckToolChain', stdout: 'two' });
});

test.each([
  ['no command', { Command: undefined }, /one of Command and Arguments is required/],
  ['a time-out that is too long', { Timeout: '3601' }, /time-out of 3601 s is not a whole number from 1 to 3600/],
  ['a relative directory', { WorkingDirectory: 'src' }, /"src" is not an absolute path/],
  ['a name that is none', { Environment: { 'A-B': '1' } }, /"A-B" is not a letter/],
  ['an ARN that is none', { AgentRuntimeArn: 'coder' }, /"coder" is not the ARN/],
  ['a text that is too long', { Command: 'x'.repeat(65_536) }, /allowed are 1 to 65536/],
  ['a null character that the wrapping would hide', { Command: 'echo \'\0\'' }, /null character/],
])('refuses %s, since tokens pass synth', async (_, change, message) => {
  await expect(lifecycle.create(request(change))).rejects.toThrow(message);
  expect(service.seen).toEqual([]);
});

test('an update that takes back a failed one runs nothing and answers as before', async () => {
  service.answers([start, stdout('fine'), stop(0)], [start, stop(5)], [start, stdout('again'), stop(0)]);
  const before = await run(request());
  const bad = { ...PROPERTIES, Command: 'exit 5' };
  await expect(lifecycle.update({ ...request({}, 'request-2'), properties: bad, oldProperties: PROPERTIES })).rejects.toThrow(/exit code 5/);
  const swapped = { ...request({}, 'request-3'), physicalId: before.physicalId, oldProperties: Object.fromEntries(Object.entries(bad).reverse()) };
  expect(await lifecycle.update(swapped)).toEqual(before);
  expect(service.seen.filter(({ path }) => path.includes('/commands'))).toHaveLength(2);
  expect(await lifecycle.update({ ...request({ Command: 'echo again' }, 'request-4'), oldProperties: PROPERTIES })).toMatchObject({ attributes: { Stdout: 'again' } });
});

test('a denial may only mean that a new policy does not count everywhere yet', async () => {
  service.answers({ error: 'AccessDeniedException', status: 403 }, [start, stop(0)]);
  await expect(run(request())).resolves.toMatchObject({ attributes: { ExitCode: '0' } });
  service.answers(...Array(20).fill({ error: 'AccessDeniedException', status: 403 }));
  await expect(lifecycle.create(request({}, 'request-2'))).rejects.toThrow(/did not start.*AccessDenied/);
});

test('an idempotent command is run again while its outcome is unknown, three times at most', async () => {
  service.answers([start, 'cut'], [start], [start, stop(0)]);
  await expect(lifecycle.create(request({ Idempotent: 'true' }))).resolves.toMatchObject({ attributes: { ExitCode: '0' } });
  service.answers([start], [start], [start], [start, stop(0)]);
  await expect(lifecycle.create(request({ Idempotent: 'true' }, 'request-2'))).rejects.toThrow(/unknown/);
});

describe('a command that may take longer than one call of the provider', () => {
  const LONG = { Timeout: '1200', Command: 'echo begun; while [ -d "$TMPDIR" ] && [ ! -e "$TMPDIR/go" ]; do sleep 0.05; done; echo done' };

  beforeEach(() => {
    // how long a call may watch is measured in real time
    lifecycle = lifecycleOn(new MemoryLedger(SYSTEM_CLOCK), SYSTEM_CLOCK);
    service.fallback = { execute: 'whole' };
  });

  const begin = async () => lifecycle.create({ ...request(LONG), deadline: Date.now() + 500 });
  const goOn = async (continuation: unknown) => lifecycle.create({ ...request(LONG), deadline: Date.now() + 60_000, continuation });
  const stops = () => service.seen.filter(({ path }) => path.includes('/stopruntimesession')).length;

  test('is watched by one call after the other, and its session is stopped at its end only', async () => {
    expect(await begin()).toEqual({ answeredElsewhere: true });
    expect(continuations).toEqual([{ begunAt: expect.any(Number), follow: expect.anything() }]);
    expect(stops()).toBe(0);
    writeFileSync(join(service.machine, 'go'), '');
    expect(await goOn(continuations[0])).toMatchObject({ attributes: { ExitCode: '0', Status: 'COMPLETED', Stdout: 'begun\ndone\n' } });
    expect(stops()).toBe(1);
  });

  test('fails at its end like any other', async () => {
    const failing = { ...LONG, Command: 'echo oops >&2; exit 3' };
    await expect(lifecycle.create({ ...request(failing), deadline: Date.now() + 60_000 })).rejects.toThrow(/exit code 3 .*it ended with: oops/);
    expect(stops()).toBe(1);
  });

  test('a delivery that comes again while it is watched leaves the answer to the watcher', async () => {
    await begin();
    expect(await lifecycle.create(request(LONG))).toEqual({ answeredElsewhere: true });
    expect(continuations).toHaveLength(1);
  });
});

test('to delete it runs nothing', async () => {
  await lifecycle.remove({ ...request(), physicalId: `command-${digest('stack', 'CheckToolChain')}` });
  expect(service.seen).toEqual([]);
});
