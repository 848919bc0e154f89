import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { SYSTEM_CLOCK } from '../../../src/client/clock';
import { parseFollowLine } from '../../../src/client/detached/follow-line';
import { DetachedRun, endDetached, followDetached, FollowOptions, FollowState, removeDetached, startDetached } from '../../../src/client/detached/run-detached';
import { followScript } from '../../../src/client/detached/scripts';
import { CommandResult } from '../../../src/client/run-command';
import { FakeClock } from '../../util/fake-clock';
import { ScriptedService, start as startEvent, stop } from '../../util/scripted-service';

let service: ScriptedService;
let run: DetachedRun;

beforeEach(async () => {
  service = await new ScriptedService().open();
  service.fallback = { execute: 'whole' };
  run = {
    runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789',
    sessionId: 'a-session-id-of-at-least-33-characters',
    token: randomUUID(),
  };
});

afterEach(async () => {
  await endDetached(service.client, run);
  await service.close();
});

const start = (command: string | string[], timeoutSeconds = 60) => startDetached(service.client, run, { command }, timeoutSeconds);
const follow = (options: Partial<FollowOptions> = {}) => followDetached(service.client, run, { clock: new FakeClock(), until: 600_000, ...options });

test('goes on without a listener and tells everything afterwards', async () => {
  await start("echo 'one'; echo two >&2; exit 3");
  expect(await follow()).toMatchObject({ exitCode: 3, status: 'COMPLETED', stdout: 'one\n', stderr: 'two\n', truncated: false });
});

test('to start it again starts nothing', async () => {
  await start('echo once');
  await start('echo twice');
  expect(await follow()).toMatchObject({ stdout: 'once\n' });
});

test('output of any bytes and any size arrives as it was written', async () => {
  const seen: string[] = [];
  await start('i=0; while [ $i -lt 3000 ]; do echo "zeile $i: äöü 日本 😀"; i=$((i+1)); done');
  const result = await follow({ onStdout: (text) => { seen.push(text); }, keepCharacters: 20 }) as CommandResult;
  expect(seen.join('')).toBe(Array.from({ length: 3_000 }, (_, i) => `zeile ${i}: äöü 日本 😀\n`).join(''));
  expect(result.truncated).toBe(true);
  expect(seen.join('').endsWith(result.stdout)).toBe(true);
});

test('a lost connection is taken up again: nothing is missing and nothing comes twice', async () => {
  const seen: string[] = [];
  await start('i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done');
  service.answers({ execute: 'cut after first output' }, { error: 'ThrottlingException', status: 429 }, { execute: 'cut after first output' });
  expect(await follow({ onStdout: (text) => { seen.push(text); } })).toMatchObject({ exitCode: 0 });
  expect(seen.join('')).toBe(Array.from({ length: 3_000 }, (_, i) => `line ${i}\n`).join(''));
});

test('its time-out ends all that it started', async () => {
  await start('echo partial; sleep 1000 & sleep 1000', 1);
  expect(await follow()).toMatchObject({ status: 'TIMED_OUT', exitCode: -1, stdout: 'partial\n' });
});

test('can be ended before its time', async () => {
  await start('sleep 1000');
  await endDetached(service.client, run);
  expect(await follow()).toMatchObject({ status: 'TIMED_OUT' });
});

test('gives back where to go on when the time is up, and goes on from there', async () => {
  await start('echo first; while [ -d "$TMPDIR" ] && [ ! -e "$TMPDIR/go" ]; do sleep 0.1; done; echo second');
  const clock = new FakeClock();
  const state = await follow({ clock, until: 1, onStdout: () => clock.sleep(2) }) as FollowState;
  expect(state).toMatchObject({ stdout: 6, stderr: 0, tails: { stdout: 'first\n', stderr: '' } });
  const seen: string[] = [];
  await start('echo not started again');
  const rest = follow({ from: JSON.parse(JSON.stringify(state)), onStdout: (text) => { seen.push(text); } });
  writeFileSync(join(service.machine, 'go'), '');
  expect(await rest).toMatchObject({ exitCode: 0, stdout: 'first\nsecond\n' });
  expect(seen).toEqual(['second\n']);
});

test('a machine that knows nothing of the run leaves the outcome unknown, at once', async () => {
  await expect(follow()).rejects.toMatchObject({ name: 'CommandOutcomeUnknownError', message: expect.stringContaining('gone') });
  expect(service.seen).toHaveLength(1);
});

test('a service that cannot be reached any more leaves the outcome unknown', async () => {
  await start('echo hello');
  service.fallback = 'hang up';
  await expect(follow()).rejects.toMatchObject({ name: 'CommandOutcomeUnknownError', message: expect.stringContaining('cannot be reached') });
  service.fallback = { execute: 'whole' };
});

test('a character that is cut in two where one call leaves off arrives whole by the next one', async () => {
  await start('printf "a\\342\\202"; while [ -d "$TMPDIR" ] && [ ! -e "$TMPDIR/go" ]; do sleep 0.1; done; printf "\\254z"');
  const clock = new FakeClock();
  const state = await follow({ clock, until: 1, onStdout: () => clock.sleep(2) }) as FollowState;
  expect(state).toMatchObject({ stdout: 1, tails: { stdout: 'a' } });
  const rest = follow({ from: state });
  writeFileSync(join(service.machine, 'go'), '');
  expect(await rest).toMatchObject({ stdout: 'a€z' });
});

test('a character that is never completed is told at the end', async () => {
  await start('printf "a\\342\\202"');
  expect(await follow()).toMatchObject({ stdout: 'a\ufffd' });
});

test('a command that never stops writing does not hold up who has to hand over', () => {
  const directory = join(service.machine, '.agentcore-run-chatty');
  mkdirSync(directory);
  writeFileSync(join(directory, 'err'), '');
  // far more than can be read in three looks, and the command has not ended
  writeFileSync(join(directory, 'out'), 'x'.repeat(1_000_000));
  const text = execFileSync('/bin/sh', ['-c', followScript('chatty', { stdout: 0, stderr: 0 }, 3)], { encoding: 'utf8', env: { ...process.env, TMPDIR: service.machine } });
  expect(text.trimEnd().split('\n').map((line) => line[0])).toEqual(['o', 'o', 'o']);
});

test('an image in which it cannot run has not started it', async () => {
  rmSync(service.machine, { recursive: true });
  await expect(start('echo hello')).rejects.toMatchObject({ name: 'CommandNotStartedError', message: expect.stringMatching(/did not start .*mkdir/) });
});

test('a start whose end is not told leaves it unknown', async () => {
  service.answers([startEvent, stop(-1, 'TIMED_OUT')]);
  await expect(start('echo hello')).rejects.toMatchObject({ name: 'CommandOutcomeUnknownError' });
});

test('a connection that breaks without any sign of it is taken up again', async () => {
  await start('echo hello');
  jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort(new Error('stalled')));
  const failures: string[] = [];
  expect(await follow({ onRetry: (error) => { failures.push(String(error)); } })).toMatchObject({ stdout: 'hello\n' });
  expect(failures).toHaveLength(1);
});

test('leaves nothing behind in a session that goes on', async () => {
  await start('echo hello');
  await follow();
  await removeDetached(service.client, run);
  expect(readdirSync(service.machine)).toEqual([]);
});

test('is ended with all that it started where it is removed before its end', async () => {
  await start('echo $$ > "$TMPDIR/pid"; sleep 1000');
  await follow({ until: 1, clock: SYSTEM_CLOCK });
  while (!existsSync(join(service.machine, 'pid'))) await SYSTEM_CLOCK.sleep(10);
  await removeDetached(service.client, run);
  const pid = Number(readFileSync(join(service.machine, 'pid'), 'utf8'));
  for (let look = 0; look < 500 && isAlive(pid); look++) await SYSTEM_CLOCK.sleep(10);
  expect(isAlive(pid)).toBe(false);
});

test('only lines of the protocol are read', () => {
  expect(parseFollowLine('o aGk=')).toEqual({ kind: 'stdout', bytes: Buffer.from('hi') });
  expect(parseFollowLine('r 7')).toEqual({ kind: 'ended', exitCode: 7 });
  fc.assert(fc.property(fc.string().filter((text) => !/^([oe]( .*)?|r \d+|t|gone)( .*)?$/.test(text)), (line) => {
    expect(() => parseFollowLine(line)).toThrow(/where a line of a run's output was expected/);
  }));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
