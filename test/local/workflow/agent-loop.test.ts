import { setImmediate as turn } from 'node:timers/promises';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { LocalStack } from './stack';
import { AgentLoop, Command } from '../../../src';
import { AgentSession } from '../../../src/client';

// the loop as it is synthesized, with the shipped function, on a local AgentCore with real sessions

const GATE = Command.shell('echo looking; wc -l < "$HOME/rounds"; [ "$(wc -l < "$HOME/rounds")" -ge 3 ]');

const stack = new LocalStack();
beforeAll(async () => {
  await stack.deploy((scope, runtime) => {
    const loop = (id: string, more = {}) => new AgentLoop(scope, id, {
      runtime,
      gates: [{ name: 'there', command: Command.shell('test -e "$HOME/rounds"') }, { name: 'enough', command: GATE }],
      finish: [{ name: 'push', command: Command.shell('echo pushed; cp "$HOME/rounds" "$HOME/pushed"') }],
      budget: { iterations: 5 },
      agentTimeout: Duration.seconds(3),
      ...more,
    });
    loop('Loop');
    loop('Short', { budget: { iterations: 2 } });
    loop('Thrifty', { budget: { tokens: 150 } });
    loop('Unfinished', { gates: [{ command: Command.shell('true') }], finish: [{ name: 'push', command: Command.shell('echo rejected >&2; exit 7') }] });
    loop('Slow', { gates: [{ name: 'slow', command: Command.argv('sleep', '97531') }] });
    new CfnOutput(scope, 'AgentArn', { value: runtime.agentRuntimeArn });
  });
});
afterAll(async () => stack.end());

const summaryOf = (result: any) => JSON.parse(result.cause);

/** Whether the session of an execution goes on: to stop it tells. */
async function goesOn(sessionId: string): Promise<boolean> {
  const session = AgentSession.of({ runtimeArn: stack.outputs.AgentArn, sessionId, endpoint: stack.local.endpoint });
  try {
    return await session.stop();
  } finally {
    session.close();
  }
}

test('it goes round until the gates pass, then finishes, stops the session and tells', async () => {
  const result: any = await stack.execute('Loop', { task: { agent: 'works' } });
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'Passed', iterations: 3, tokens: 300, sessionStopped: true } });
  expect(result.output.rounds.map(({ gate, exitCode }: any) => [gate, exitCode])).toEqual([['enough', 1], ['enough', 1], ['enough', 0]]);
  expect(stack.entered.filter((state) => ['Invoke agent', 'push', 'Stop session'].includes(state)))
    .toEqual(['Invoke agent', 'Invoke agent', 'Invoke agent', 'push', 'Stop session']);
  expect(stack.sent).toEqual([{ source: 'cdk-agentcore-runtime', detailType: 'Agent Loop Ended', detail: result.output }]);
  expect(await goesOn(result.output.sessionId)).toBe(false);

  // what the agent was told of the gate
  const answers = stack.events.filter(({ type, state }) => type === 'exited' && state === 'Invoke agent').map(({ output }: any) => output.agent.answer.heard);
  expect(answers).toEqual([null, expect.stringMatching(/^gate "enough" has not passed\nexit code: 1 .*\nstderr: empty\nstdout:\nlooking\n1$/), expect.stringMatching(/\n2$/)]);
});

test('an execution goes on in the session that it is given', async () => {
  const sessionId = 'a-session-that-somebody-has-had-before';
  const session = AgentSession.of({ runtimeArn: stack.outputs.AgentArn, sessionId, endpoint: stack.local.endpoint });
  await session.run('printf "one\\ntwo\\n" > "$HOME/rounds"');
  expect(await stack.execute('Loop', { task: { agent: 'works' }, sessionId })).toMatchObject({ status: 'SUCCEEDED', output: { sessionId, iterations: 1 } });
  expect(await session.stop()).toBe(false);
  session.close();
});

test.each<[string, string, string, RegExp]>([
  ['never answers', 'Loop', 'AgentTimedOut', /has not answered within 3 s/],
  ['answers garbage', 'Loop', 'AgentAnswerInvalid', /says that it has answered application\/json/],
  ['counts garbage', 'Loop', 'AgentAnswerInvalid', /usage \{"totalTokens":"many"\}/],
  ['answers too much', 'Loop', 'AgentAnswerInvalid', /200002 bytes, which do not fit/],
  ['dies', 'Loop', 'AgentFailed', /the agent failed in session/],
  ['dies in the middle', 'Loop', 'AgentFailed', /the agent/],
  ['fails', 'Loop', 'AgentFailed', /the agent failed in session/],
  ['gets nowhere', 'Short', 'BudgetSpent', /^2 rounds are over/],
  ['spends its tokens', 'Thrifty', 'BudgetSpent', /^200 tokens are used/],
  ['cannot push', 'Unfinished', 'CommandFailed', /exit code: 7 .*\nstderr:\nrejected/],
])('where the agent %s the outcome has a name, and nothing is left running', async (agent, machine, outcome, reason) => {
  const result: any = await stack.execute(machine, { task: { agent } });
  expect(result).toMatchObject({ status: 'FAILED', error: outcome });
  const summary = summaryOf(result);
  expect(summary).toMatchObject({ outcome, reason: expect.stringMatching(reason), sessionStopped: true });
  expect(stack.sent.map(({ detail }) => detail)).toEqual([summary]);
  expect(await goesOn(summary.sessionId)).toBe(false);
});

test('an input that is none ends before anything is begun', async () => {
  expect(await stack.execute('Loop', { job: 1 })).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
  expect(stack.entered).toEqual(['Begin']);
});

test('an execution that is aborted in the middle of a command leaves nothing running', async () => {
  const abort = new AbortController();
  const onceItRuns = async () => {
    while (stack.processes('sleep 97531') === 0) await turn();
    abort.abort();
  };
  let sessionId: string | undefined;
  const running = stack.execute('Slow', { task: { agent: 'works' } }, {
    signal: abort.signal,
    onEvent: ({ type, state, output }) => {
      if (type === 'exited' && state === 'Begin') ({ sessionId } = output as { readonly sessionId: string });
    },
  });
  await Promise.all([running, onceItRuns()]);
  const result = await running;
  expect(result).toMatchObject({ status: 'ABORTED' });
  expect(await goesOn(sessionId!)).toBe(false);
  expect(stack.processes('sleep 97531')).toBe(0);
});
