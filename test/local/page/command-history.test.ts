import { CommandHistory } from '../../../src/local/page/command-history';
import { CommandEnd, CommandSink } from '../../../src/local/sessions/contract';
import { FakeClock } from '../../util/fake-clock';
import { key, MemorySink } from '../sessions/support';

const DONE: CommandEnd = { exitCode: 0, status: 'COMPLETED' };

let clock: FakeClock;
let history: CommandHistory;
beforeEach(() => {
  clock = new FakeClock(1_000);
  history = new CommandHistory(() => clock.now(), { perSession: 3, commands: 5, bytes: 100 });
});

const say = async (session: string, text: string) => history.record(key(session), text, new MemorySink(), async (sink) => {
  await sink.onStdout(Buffer.from(text));
  return DONE;
});
const commandsOf = () => history.recent(100).map(({ command }) => command);

test('hands everything on, and keeps it', async () => {
  const sink = new MemorySink();
  const end = await history.record(key(), 'ls', sink, async (watched: CommandSink) => {
    watched.onStart();
    expect(history.recent(1)[0]).toMatchObject({ command: 'ls', startedAt: 1_000 });
    expect(history.recent(1)[0].outcome).toBeUndefined();
    await clock.sleep(5);
    await watched.onStdout(Buffer.from('out'));
    await watched.onStderr(Buffer.from('err'));
    return { exitCode: 7, status: 'COMPLETED' };
  });
  expect(end).toEqual({ exitCode: 7, status: 'COMPLETED' });
  expect(sink).toMatchObject({ started: 1, stdout: 'out', stderr: 'err' });
  const [{ output, ...record }] = history.recent(1);
  expect(record).toMatchObject({ key: key(), outcome: end, endedAt: 1_005 });
  expect(output.read().head).toEqual([{ stream: 'stdout', text: 'out' }, { stream: 'stderr', text: 'err' }]);
});

test('holds a command back as long as its reader does', async () => {
  const pending = new Promise<void>(() => undefined);
  await history.record(key(), 'ls', { onStart: () => {}, onStdout: () => pending, onStderr: () => pending }, async (sink) => {
    expect(sink.onStdout(Buffer.from('x'))).toBe(pending);
    expect(sink.onStderr(Buffer.from('x'))).toBe(pending);
    return DONE;
  });
});

test('tells why nobody knows how a command ended', async () => {
  const fail = async (error: Error) => history.record(key(), 'ls', new MemorySink(), () => Promise.reject(error)).catch((thrown) => expect(thrown).toBe(error));
  await fail(new Error('session ended'));
  await fail(new DOMException('aborted', 'AbortError'));
  expect(history.recent(2).map(({ outcome }) => outcome)).toEqual([{ error: 'its caller went away' }, { error: 'session ended' }]);
});

test('forgets the oldest that have ended: of one session, of all, and by size', async () => {
  for (const text of ['1', '2', '3', '4']) await say('a', text);
  expect(commandsOf()).toEqual(['4', '3', '2']);
  for (const text of ['5', '6', '7']) await say('b', text);
  expect(commandsOf()).toEqual(['7', '6', '5', '4', '3']);
  await say('c', 'x'.repeat(99));
  expect(commandsOf()).toEqual(['x'.repeat(99), '7']);
});

test('never forgets a command that runs', async () => {
  let end!: () => void;
  const running = history.record(key('a'), 'long', new MemorySink(), () => new Promise((resolve) => { end = () => resolve(DONE); }));
  for (let n = 0; n < 10; n++) await say('a', String(n));
  expect(commandsOf()).toEqual(['9', '8', '7', 'long']);
  end();
  await running;
  expect(commandsOf()).toEqual(['9', '8', '7']);
});

test('tells of begin, output and end', async () => {
  const told: string[] = [];
  history.on('change', () => told.push('change'));
  history.on('output', ({ command }, stream, bytes) => told.push(`${command} ${stream} ${bytes.toString()}`));
  await say('a', 'hello');
  expect(told).toEqual(['change', 'hello stdout hello', 'change']);
});
