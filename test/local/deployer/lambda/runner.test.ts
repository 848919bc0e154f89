import { SYSTEM_CLOCK } from '../../../../src/client/clock';
import { invokeAsynchronously } from '../../../../src/local/deployer/lambda/asynchronous';
import { FunctionLogLine } from '../../../../src/local/deployer/lambda/function';
import { LambdaRunner } from '../../../../src/local/deployer/lambda/runner';
import { ManualClock } from '../manual-clock';
import { functionOf } from './function-under-test';

let lines: FunctionLogLine[];
beforeEach(() => { lines = []; });
const runner = (clock = SYSTEM_CLOCK) => new LambdaRunner({ endpoint: 'http://127.0.0.1:9', lambdaEndpoint: async () => 'http://127.0.0.1:8', clock, onLog: (line) => lines.push(line) });

test('a function gets its event, a context like Lambda\'s, and only the environment that it should see', async () => {
  process.env.SECRET_OF_THE_DEPLOYER = 'x';
  try {
    const target = functionOf(
      `exports.handler = async (event, context) => ({
        event, context: JSON.parse(JSON.stringify(context)), remaining: context.getRemainingTimeInMillis(), env: process.env, atHome: process.cwd() === __dirname,
      });`,
      { environment: { OWN: 'yes', PATH: '/elsewhere' }, timeoutSeconds: 60 },
    );
    const { result } = await runner().invoke(target, { a: [1] }, 'request-1') as { result: Record<string, any> };
    expect(result.event).toEqual({ a: [1] });
    expect(result.context).toEqual({
      awsRequestId: 'request-1',
      functionName: 'fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: target.arn,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/fn',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(result.remaining).toBeGreaterThan(0);
    expect(result.remaining).toBeLessThanOrEqual(60_000);
    expect(result.atHome).toBe(true);
    expect(result.env).toMatchObject({
      OWN: 'yes',
      PATH: process.env.PATH,
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:8',
    });
    expect(result.env).not.toHaveProperty('SECRET_OF_THE_DEPLOYER');
    expect(result.env).not.toHaveProperty('HOME');
  } finally {
    delete process.env.SECRET_OF_THE_DEPLOYER;
  }
});

test('lines of both streams come one by one, also the last one without an end', async () => {
  const target = functionOf("exports.handler = async () => { console.log('one\\ntwo'); console.error('bad'); process.stdout.write('grüße'); };");
  expect(await runner().invoke(target, {}, 'r')).toEqual({ result: null });
  expect(lines.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)).toEqual(['one', 'two', 'grüße']);
  expect(lines.filter(({ stream }) => stream === 'stderr')).toEqual([{ functionName: 'fn', requestId: 'r', stream: 'stderr', line: 'bad' }]);
});

test.each([
  ['an exception', 'exports.handler = async () => { throw new TypeError("no good"); };', 'TypeError: no good'],
  ['a synchronous exception', 'exports.handler = () => { throw new Error("at once"); };', 'Error: at once'],
  ['an exception outside of the promise', 'exports.handler = () => new Promise(() => setImmediate(() => { throw new Error("later"); }));', 'Error: later'],
  ['an error given to the callback', 'exports.handler = (event, context, callback) => callback(new Error("called back"));', 'Error: called back'],
  ['an exit', 'exports.handler = async () => process.exit(7);', 'Runtime exited with error: exit status 7'],
  ['an error while loading', 'throw new Error("broken module");', 'Error: broken module'],
  ['a missing export', 'exports.other = 1;', 'Error: index.handler is undefined or not exported'],
  ['a module of the surrounding project', "require('yazl'); exports.handler = async () => 1;", "Cannot find module 'yazl'"],
])('%s is an error', async (_, source, message) => {
  expect(await runner().invoke(functionOf(source), {}, 'r')).toMatchObject({ error: expect.stringContaining(message) });
});

test.each([
  ['a promise', 'index.js', 'exports.handler = async () => 5;', 'index.handler', 5],
  ['a callback', 'index.js', 'exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 6), 1); };', 'index.handler', 6],
  ['an ES module', 'index.mjs', 'export const handler = async () => 7;', 'index.handler', 7],
  ['a module in a folder', 'a/b.js', 'exports.c = { d: async () => 8 };', 'a/b.c.d', 8],
  ['nothing', 'index.js', 'exports.handler = () => {};', 'index.handler', null],
  ['a promise while timers are pending', 'index.js', 'exports.handler = async () => { setInterval(() => {}, 1000); return 9; };', 'index.handler', 9],
])('the result of %s', async (_, file, source, handler, result) => {
  expect(await runner().invoke(functionOf(source, { handler }, file), {}, 'r')).toEqual({ result });
});

test('at its time-out a function is ended with all that it has started', async () => {
  const clock = new ManualClock();
  const target = functionOf(
    `exports.handler = () => new Promise(() => {
      require('node:child_process').spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    });`, { timeoutSeconds: 5 });
  let started!: (pid: number) => void;
  const pid = new Promise<number>((resolve) => { started = resolve; });
  const invocation = new LambdaRunner({ endpoint: 'http://127.0.0.1:9', lambdaEndpoint: async () => 'http://127.0.0.1:8', clock, onLog: ({ line }) => started(Number(line)) }).invoke(target, {}, 'r');
  await clock.sleeping(5_000);
  const grandchild = await pid;
  clock.advance(5_000);
  // its output ends only when the grandchild, which has inherited it, has ended too
  expect(await invocation).toEqual({ error: 'Task timed out after 5.00 seconds', name: 'Sandbox.Timedout' });
  expect(grandchild).toBeGreaterThan(0);
});

test.each(['while it runs', 'before it has begun'])('a function is killed %s', async (when) => {
  const kill = new AbortController();
  if (when === 'before it has begun') kill.abort();
  const target = functionOf("exports.handler = () => { console.log('here'); return new Promise(() => setInterval(() => {}, 1000)); };");
  const killed = new LambdaRunner({ endpoint: 'http://127.0.0.1:9', lambdaEndpoint: async () => 'http://127.0.0.1:8', clock: SYSTEM_CLOCK, onLog: () => kill.abort() }).invoke(target, {}, 'r', kill.signal);
  expect(await killed).toEqual({ error: 'Runtime exited with error: signal SIGKILL', name: 'Runtime.ExitError' });
});

test.each([['python3.12', 'only nodejs runtimes run locally'], ['nodejs22.x', 'no code that can run locally']])('runtime %s without code is told', async (runtime, message) => {
  expect(await runner().invoke(functionOf('', { runtime, codeDirectory: undefined }), {}, 'r')).toMatchObject({ error: expect.stringContaining(message) });
});

describe('asynchronous invocation', () => {
  const invoker = (outcomes: ({ error: string } | { result: unknown })[]) => {
    const requests: string[] = [];
    return { requests, invoke: async (_: unknown, __: unknown, requestId: string) => { requests.push(requestId); return outcomes.shift()!; } };
  };

  test.each([
    [2, [{ error: 'a' }, { error: 'b' }, { error: 'c' }, { result: 1 }], { error: 'c' }, 3],
    [2, [{ error: 'a' }, { result: 1 }], { result: 1 }, 2],
    [0, [{ error: 'a' }, { result: 1 }], { error: 'a' }, 1],
  ])('%i retries of %j', async (retryAttempts, outcomes, last, calls) => {
    const fake = invoker([...outcomes]);
    expect(await invokeAsynchronously(fake, functionOf('', { retryAttempts }), {}, 'same')).toEqual(last);
    expect(fake.requests).toEqual(Array(calls).fill('same'));
  });

  test('no retry once nobody waits any more', async () => {
    const fake = invoker([{ error: 'a' }, { result: 1 }]);
    expect(await invokeAsynchronously(fake, functionOf('', { retryAttempts: 2 }), {}, 'r', () => true)).toEqual({ error: 'a' });
    expect(fake.requests).toHaveLength(1);
  });
});
