import { functionOf } from './function-under-test';
import { SYSTEM_CLOCK } from '../../../../src/client/clock';
import { FunctionLogLine } from '../../../../src/local/deployer/lambda/function';
import { WarmRunner } from '../../../../src/local/deployer/lambda/warm-runner';

const lines: FunctionLogLine[] = [];
let onLine: (line: string) => void;
let runner: WarmRunner;
const make = (most?: number) => {
  lines.length = 0;
  onLine = () => {};
  const onLog = (line: FunctionLogLine) => {
    lines.push(line);
    onLine(line.line);
  };
  runner = new WarmRunner({ endpoint: 'http://127.0.0.1:9', lambdaEndpoint: async () => 'http://127.0.0.1:8', clock: SYSTEM_CLOCK, onLog }, most);
};
afterEach(async () => runner.close());

const COUNTING = 'let calls = 0; exports.handler = async (event, context) => ({ pid: process.pid, calls: ++calls, request: context.awsRequestId, event });';
const resultOf = async (invocation: Promise<unknown>): Promise<any> => (await invocation as { result: unknown }).result;

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('one process answers one invocation after the other, with what it keeps in memory, until the end', async () => {
  make();
  const target = functionOf(COUNTING);
  const results = [];
  for (const event of ['a', 'b', 'c']) results.push(await resultOf(runner.invoke(target, event, `request-${event}`)));
  const [{ pid }] = results;
  expect(results).toEqual([1, 2, 3].map((calls, i) => ({ pid, calls, request: `request-${'abc'[i]}`, event: 'abc'[i] })));
  expect(isRunning(pid)).toBe(true);
  await runner.close();
  expect(isRunning(pid)).toBe(false);
});

test('invocations at once have processes of their own, up to a bound; what comes then waits', async () => {
  make(2);
  const target = functionOf(COUNTING);
  const results = await Promise.all(Array.from({ length: 7 }, async (_, i) => resultOf(runner.invoke(target, i, `r${i}`))));
  expect(results.map(({ event }) => event)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(new Set(results.map(({ pid }) => pid)).size).toBe(2);
});

test('another function has another process, and takes the room of one that is idle', async () => {
  make(1);
  const [one, other] = [functionOf(COUNTING), functionOf(COUNTING, { name: 'other', environment: { A: '1' } })];
  const first = await resultOf(runner.invoke(one, 1, 'r'));
  const second = await resultOf(runner.invoke(other, 1, 'r'));
  expect(second).toMatchObject({ calls: 1 });
  expect(second.pid).not.toBe(first.pid);
  // the first was ended for it, so that this one begins anew
  expect(await resultOf(runner.invoke(one, 1, 'r'))).toMatchObject({ calls: 1 });
  expect(isRunning(first.pid)).toBe(false);
});

test('each line belongs to the invocation that wrote it, also where it has no end', async () => {
  make();
  const target = functionOf("exports.handler = async (event) => { console.error('to err'); process.stdout.write('of ' + event); };");
  for (const request of ['a', 'b']) await runner.invoke(target, request, request);
  expect(lines.map(({ requestId, stream, line }) => [requestId, stream, line]).sort()).toEqual([
    ['a', 'stderr', 'to err'], ['a', 'stdout', 'of a'], ['b', 'stderr', 'to err'], ['b', 'stdout', 'of b'],
  ]);
});

test('after an error that the function throws the process stays; after one outside of it, an exit or a kill there is a new one', async () => {
  make();
  const target = functionOf(`let calls = 0;
    exports.handler = async (event) => {
      calls++;
      if (event === 'throw') throw new TypeError('no good');
      if (event === 'crash') return new Promise(() => setImmediate(() => { throw new Error('outside'); }));
      if (event === 'exit') process.exit(7);
      if (event === 'hang') { console.log('here'); return new Promise(() => setInterval(() => {}, 1000)); }
      return calls;
    };`);
  const call = async (event: string, kill?: AbortSignal) => runner.invoke(target, event, 'r', kill);
  expect([await call('fine'), await call('throw'), await call('fine')]).toMatchObject([{ result: 1 }, { name: 'TypeError', message: 'no good' }, { result: 3 }]);
  expect([await call('crash'), await call('fine')]).toMatchObject([{ error: 'Error: outside' }, { result: 1 }]);
  expect([await call('exit'), await call('fine')]).toMatchObject([{ name: 'Runtime.ExitError', error: 'Runtime exited with error: exit status 7' }, { result: 1 }]);
  const kill = new AbortController();
  onLine = (line) => { if (line === 'here') kill.abort(); };
  expect([await call('hang', kill.signal), await call('fine')]).toMatchObject([{ error: 'Runtime exited with error: signal SIGKILL' }, { result: 1 }]);
  expect(await call('fine', AbortSignal.abort())).toMatchObject({ name: 'Runtime.ExitError' });
});

test('a callback, and a function that returns nothing, end an invocation but not the process', async () => {
  make();
  const target = functionOf(`let calls = 0;
    exports.handler = (event, context, callback) => { calls++; if (event) setTimeout(() => callback(null, calls), 1); };`);
  expect([await runner.invoke(target, true, 'r'), await runner.invoke(target, false, 'r'), await runner.invoke(target, true, 'r')])
    .toEqual([{ result: 1 }, { result: null }, { result: 3 }]);
});
