import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeDrivers, NAMESPACES, eventually, key, MemorySink, removeScratch, scratchDirectory, version } from './support';
import { createSessions, CreateSessionsOptions, LocalSessions } from '../../../src/local/sessions';
import { SessionKey, VersionSpec } from '../../../src/local/sessions/contract';
import { composeCommandLine } from '../../../src/service/command-line';
import { testWith } from '../../util/needs';
import { commandLines } from '../../util/processes';

const open: LocalSessions[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((sessions) => sessions.close()));
  removeScratch();
});

async function create(options: Partial<CreateSessionsOptions> = {}): Promise<LocalSessions> {
  const sessions = await createSessions({ stateDir: scratchDirectory(), log: () => undefined, ...options });
  open.push(sessions);
  return sessions;
}

interface RunOptions {
  readonly of?: SessionKey;
  readonly on?: VersionSpec;
  readonly timeoutSeconds?: number;
  readonly sink?: MemorySink;
  readonly signal?: AbortSignal;
}

/** Runs shell text in a session. */
async function run(sessions: LocalSessions, script: string, options: RunOptions = {}) {
  const { of = key(), on = version(), timeoutSeconds = 30, sink = new MemorySink(), signal } = options;
  const end = await sessions.run(of, on, { command: composeCommandLine({ command: script }), timeoutSeconds }, sink, signal);
  return { ...end, stdout: sink.stdout, stderr: sink.stderr };
}

describeDrivers((driver) => `on ${driver}`, (driver) => {
  test('says which driver and tokenizer are at work', async () => {
    expect(await create({ driver, tokenizer: 'posix' })).toMatchObject({ driver, driverNotes: [], tokenizer: 'posix' });
  });

  test('streams output and answers with the exit code', async () => {
    const sessions = await create({ driver });
    const sink = new MemorySink();
    expect(await run(sessions, 'echo out; echo err >&2; exit 7', { sink })).toEqual({ exitCode: 7, status: 'COMPLETED', stdout: 'out\n', stderr: 'err\n' });
    expect(sink.started).toBe(1);
  });

  test('splits words by default and runs a shell where told to', async () => {
    const sink = async (tokenizer: 'strict' | 'shell') => {
      const output = new MemorySink();
      await (await create({ driver, tokenizer })).run(key(), version(), { command: 'echo $((1+1)) && echo more', timeoutSeconds: 30 }, output);
      return output.stdout;
    };
    expect(await sink('strict')).toBe('$((1+1)) && echo more\n');
    expect(await sink('shell')).toBe('2\nmore\n');
  });

  test('refuses text without words before anything starts', async () => {
    const sessions = await create({ driver });
    const sink = new MemorySink();
    await expect(sessions.run(key(), version(), { command: ' ', timeoutSeconds: 30 }, sink)).rejects.toMatchObject({ name: 'ValidationException' });
    expect([sessions.list(), sink.started]).toEqual([[], 0]);
  });

  test('keeps files, not directories and variables, between commands; background processes live on', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'cd /; export COLOUR=blue; echo kept > "$HOME/file"; sleep 1000 & echo $! > "$HOME/pid"', { on: version({ environment: { SHAPE: 'round' } }) });
    const script = 'cat "$HOME/file"; echo "$SHAPE ${COLOUR:-none}"; kill -0 $(cat "$HOME/pid") && echo lives';
    expect(await run(sessions, script)).toMatchObject({ exitCode: 0, stdout: 'kept\nround none\nlives\n' });
  });

  test('after stop, storage is back and nothing else', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'echo stored > /mnt/workspace/file; echo lost > "$HOME/file"; sleep 1000 & echo $! > /mnt/workspace/pid');
    await sessions.stop(key());
    expect(sessions.list()).toEqual([]);
    const { stdout, exitCode } = await run(sessions, 'cat /mnt/workspace/file; ls "$HOME/file"; true');
    expect([stdout, exitCode]).toEqual(['stored\n', 0]);
  });

  test('stops only what runs', async () => {
    const sessions = await create({ driver });
    await expect(sessions.stop(key())).rejects.toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
    await run(sessions, 'true');
    const [first, second] = await Promise.allSettled([sessions.stop(key()), sessions.stop(key())]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await expect(sessions.stop(key())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('calls at the same time share one start', async () => {
    const sessions = await create({ driver });
    const outputs = await Promise.all([1, 2, 3].map((n) => run(sessions, `echo ${n} >> /mnt/workspace/all; echo "$HOME"; readlink /proc/self/ns/pid || true`)));
    expect(new Set(outputs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(sessions.list()).toHaveLength(1);
  });

  test('keeps sessions of one id on two endpoints apart', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'touch /mnt/workspace/default');
    expect((await run(sessions, 'ls /mnt/workspace', { of: key(undefined, 'pinned') })).stdout).toBe('');
    expect(sessions.list().map(({ endpointName }) => endpointName).sort()).toEqual(['DEFAULT', 'pinned']);
  });

  test('a running session keeps its version; the next one has the new version and empty storage', async () => {
    const sessions = await create({ driver });
    const [one, two] = ['1', '2'].map((each) => version({ version: each, environment: { VERSION: each } }));
    await run(sessions, 'touch /mnt/workspace/file', { on: one });
    expect((await run(sessions, 'echo "$VERSION"; ls /mnt/workspace', { on: two })).stdout).toBe('1\nfile\n');
    await sessions.stop(key());
    expect((await run(sessions, 'echo "$VERSION"; ls /mnt/workspace', { on: two })).stdout).toBe('2\n');
    expect(sessions.list()).toMatchObject([{ ...key(), version: '2' }]);
  });

  test('a command out of time keeps its output and takes its processes with it, but not those of earlier ones', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'sleep 1000 & echo $! > "$HOME/earlier"');
    const end = await run(sessions, 'sleep 1001 & echo $! > "$HOME/own"; echo partial; sleep 1002', { timeoutSeconds: 0.3 });
    expect(end).toEqual({ exitCode: -1, status: 'TIMED_OUT', stdout: 'partial\n', stderr: '' });
    const check = 'for pid in $(cat "$HOME/earlier") $(cat "$HOME/own"); do if [ -e /proc/$pid ] && ! grep -q "^State:.Z" /proc/$pid/status; then echo lives; else echo dead; fi; done';
    expect((await run(sessions, check)).stdout).toBe('lives\ndead\n');
  });

  test('the input of a command is open and never ends', async () => {
    const sessions = await create({ driver });
    const sink = new MemorySink();
    expect(await sessions.run(key(), version(), { command: 'cat', timeoutSeconds: 0.3 }, sink)).toEqual({ exitCode: -1, status: 'TIMED_OUT' });
  });

  test('waits for a slow reader', async () => {
    const sessions = await create({ driver });
    let release!: () => void;
    const slow = new Promise<void>((resolve) => { release = resolve; });
    const sizes: number[] = [];
    const command = composeCommandLine({ command: 'head -c 3000000 /dev/zero; echo written > /mnt/workspace/written' });
    const files = () => readdirSync(join(stateDirOf(sessions), 'storage'), { recursive: true }).map(String);
    const running = sessions.run(key(), version(), { command, timeoutSeconds: 30 }, {
      onStart: () => undefined,
      onStdout: (chunk) => {
        sizes.push(chunk.length);
        return sizes.length === 1 ? slow : undefined;
      },
      onStderr: () => undefined,
    });
    await eventually(() => sizes.length === 1, 'the first chunk came');
    // other commands run meanwhile; this one is still at its output
    await run(sessions, 'echo other');
    expect(files().some((name) => name.endsWith('written'))).toBe(false);
    expect(sizes).toHaveLength(1);
    release();
    expect(await running).toEqual({ exitCode: 0, status: 'COMPLETED' });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3_000_000);
    expect(files().some((name) => name.endsWith('written'))).toBe(true);
  });

  test('a reader that fails ends the command', async () => {
    const sessions = await create({ driver });
    const fail = () => { throw new Error('reader is gone'); };
    const command = composeCommandLine({ command: 'echo x; sleep 1000' });
    await expect(sessions.run(key(), version(), { command, timeoutSeconds: 30 }, { onStart: () => undefined, onStdout: fail, onStderr: fail }))
      .rejects.toThrow('reader is gone');
  });

  test('a caller that goes away ends the command, not the session', async () => {
    const sessions = await create({ driver });
    const sink = new MemorySink();
    const gone = new AbortController();
    const running = run(sessions, 'echo $$ > "$HOME/pid"; echo up; sleep 1000', { sink, signal: gone.signal });
    await sink.said('up');
    gone.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const { stdout } = await run(sessions, 'for i in 1 2 3 4 5 6 7 8 9; do kill -0 $(cat "$HOME/pid") 2>/dev/null || break; sleep 0.1; done; kill -0 $(cat "$HOME/pid") 2>/dev/null || echo dead');
    expect(stdout).toBe('dead\n');
    await expect(run(sessions, 'true', { signal: gone.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('stop ends commands, whose outcome is then unknown', async () => {
    const sessions = await create({ driver });
    const sink = new MemorySink();
    const running = run(sessions, 'echo up; sleep 1000', { sink }).catch((error: Error) => error);
    await sink.said('up');
    await sessions.stop(key());
    expect(await running).toMatchObject({ name: 'RuntimeClientError', status: 424, message: expect.stringContaining('outcome is unknown') });
  });

  test('a call that comes while the session ends starts a new one', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'echo stored > /mnt/workspace/file; echo lost > "$HOME/file"');
    const stopping = sessions.stop(key());
    expect((await run(sessions, 'cat /mnt/workspace/file "$HOME/file"')).stdout).toBe('stored\n');
    await stopping;
    expect(sessions.list()).toHaveLength(1);
  });

  test('a session that is stopped while it starts has run no command, and says that it can be tried again', async () => {
    const sessions = await create({ driver });
    const first = run(sessions, 'touch /mnt/workspace/file').catch((error: Error) => error);
    await sessions.stop(key());
    expect(await first).toMatchObject({ name: 'RetryableConflictException', status: 409 });
    expect((await run(sessions, 'ls /mnt/workspace')).stdout).toBe('');
  });

  test('forget ends sessions and removes their storage', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'touch /mnt/workspace/file');
    await run(sessions, 'touch /mnt/workspace/file', { of: key(undefined, 'pinned') });
    await sessions.forget('coder-0123456789', 'pinned');
    expect(sessions.list()).toHaveLength(1);
    await sessions.forget('coder-0123456789');
    expect(sessions.list()).toEqual([]);
    expect(readdirSync(join(stateDirOf(sessions), 'storage'))).toEqual([]);
  });

  test('forget also ends a session that a call has begun which waited for the end of another', async () => {
    const sessions = await create({ driver });
    await run(sessions, 'touch /mnt/workspace/file');
    const stopping = sessions.stop(key());
    const waiting = run(sessions, 'sleep 1000').catch((error: Error) => error);
    await sessions.forget('coder-0123456789');
    await stopping;
    expect(await waiting).toMatchObject({ name: 'RetryableConflictException', status: 409 });
    expect(sessions.list()).toEqual([]);
    expect(readdirSync(join(stateDirOf(sessions), 'storage'))).toEqual([]);
  });

  test('storage outlives the server; close ends everything', async () => {
    const stateDir = scratchDirectory();
    const first = await create({ driver, stateDir });
    const mark = `sleep 3000.${process.pid}`;
    await run(first, `touch /mnt/workspace/file; ${mark} >/dev/null 2>&1 &`);
    const processes = () => commandLines().filter((line) => line === mark);
    await eventually(() => processes().length === 1, 'the background process runs');
    await first.close();
    expect(processes()).toEqual([]);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
    await expect(run(first, 'true')).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
    expect((await run(await create({ driver, stateDir }), 'ls /mnt/workspace')).stdout).toBe('file\n');
  });

  test('without code there is no agent to invoke, but commands run', async () => {
    const sessions = await create({ driver });
    const request = { headers: {}, body: Buffer.from('{}') };
    const on = version({ noAgentReason: 'container images do not run here' });
    await expect(sessions.invoke(key(), on, request)).rejects.toMatchObject({ name: 'RuntimeClientError', message: 'container images do not run here' });
    expect(sessions.list()).toEqual([]);
    expect((await run(sessions, 'echo works', { on })).stdout).toBe('works\n');
    await expect(sessions.invoke(key(), on, request)).rejects.toMatchObject({ name: 'RuntimeClientError', message: 'container images do not run here' });
  });
});

test('a session that cannot start says so, and the next call tries again', async () => {
  const sessions = await create({ driver: 'process' });
  const missing = version({ code: { directory: join(scratchDirectory(), 'missing'), runtime: 'NODE_22', entryPoint: ['main.js'] } });
  await expect(run(sessions, 'true', { on: missing })).rejects.toThrow('missing');
  expect(sessions.list()).toEqual([]);
  expect((await run(sessions, 'echo works')).stdout).toBe('works\n');
});

testWith([NAMESPACES], 'ends a session whose compute is killed from outside', async () => {
  const sessions = await create();
  await run(sessions, 'touch /mnt/workspace/file');
  const computes = join(stateDirOf(sessions), 'computes');
  const [record] = readdirSync(computes);
  const { holder } = JSON.parse(readFileSync(join(computes, record), 'utf8')) as { holder: { pid: number } };
  process.kill(holder.pid, 'SIGKILL');
  await eventually(() => sessions.list().length === 0, 'the session has ended');
  expect((await run(sessions, 'ls /mnt/workspace')).stdout).toBe('file\n');
  expect(existsSync(join(computes, record))).toBe(false);
});

function stateDirOf(sessions: LocalSessions): string {
  return (sessions as unknown as { options: { stateDir: string } }).options.stateDir;
}
