import * as fc from 'fast-check';
import { GateResult, LoopBudgetLimits, LoopState } from '../../src/workflow-handler/contract';
import { tokensOf } from '../../src/workflow-handler/invoke-agent';
import { beginLoop, judgeRound, loopInputOf, summarizeLoop } from '../../src/workflow-handler/loop';

const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:Loop:0b6cf5e4-6a5e-4d0c-8f0b-3f5c5c6f7a10';
const PLACE = { runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/coder-0123456789', qualifier: 'DEFAULT' };
const visit = { execution: EXECUTION, state: 'Begin', enteredTime: '2026-01-01T00:00:00.000Z', retryCount: 0 };
const begin = (input: unknown, now = 0) => beginLoop({ action: 'beginLoop', visit, ...PLACE, input }, now);
const failing: GateResult = { name: 'tests', ok: false, exitCode: 1, durationMillis: 5, observation: 'exit code: 1' };
const passing: GateResult = { ...failing, ok: true, exitCode: 0 };
const agent = (tokens: number | null) => ({ answer: 'done', tokens, sessionId: 's', durationMillis: 7 });
const judge = (loop: LoopState, budget: LoopBudgetLimits, now = 0) => judgeRound({ action: 'judgeRound', loop, budget }, now);

describe('what an execution is given', () => {
  test('is a task, and maybe a session', () => {
    expect(loopInputOf({ task: 0 })).toEqual({ task: 0 });
    expect(loopInputOf({ task: 'x', sessionId: 's'.repeat(33) })).toEqual({ task: 'x', sessionId: 's'.repeat(33) });
  });

  test.each<[unknown, string]>([
    [{}, 'give it as {"task": ...}'],
    [[], 'give it as {"task": ...}'],
    ['task', 'give it as {"task": ...}'],
    [{ task: null }, 'give it as {"task": ...}'],
    [{ task: 1, sessionId: 'short' }, 'has 5 characters, allowed are 33 to 256'],
    [{ task: 1, sessionId: 5 }, 'sessionId 5 is not a text'],
    [{ task: 1, session: 's' }, 'has session, which nothing reads; allowed are task and sessionId'],
  ])('%j is refused', (input, message) => {
    expect(() => loopInputOf(input)).toThrow(expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining(message) }));
  });
});

test('an execution has a session of its own, always the same, and no other execution has it', () => {
  const { sessionId } = begin({ task: 1 });
  expect(begin({ task: 2 }).sessionId).toBe(sessionId);
  expect(sessionId).toMatch(/^0b6cf5e4-6a5e-4d0c-8f0b-3f5c5c6f7a10-[0-9a-f]{32}$/);
  expect(beginLoop({ action: 'beginLoop', visit: { ...visit, execution: `${EXECUTION}1` }, ...PLACE, input: { task: 1 } }, 0).sessionId).not.toBe(sessionId);
});

describe('a round', () => {
  const round = (gate: GateResult, tokens: number | null = null, more: Partial<LoopState> = {}): LoopState => ({
    ...begin({ task: 1 }), ...more, agent: agent(tokens), gate,
  });

  test('whose gates have passed leads to the end', () => {
    expect(judge(round(passing), { iterations: 1 }))
      .toMatchObject({ decision: 'FINISH', iteration: 1, observation: null, rounds: [{ gate: 'tests', passed: true }] });
  });

  test('whose gate has not passed leads to the next, which is told why', () => {
    const next = judge(round(failing, 10), { iterations: 2 });
    expect(next).toMatchObject({ decision: 'WORK', iteration: 2, tokens: 10, observation: 'gate "tests" has not passed\nexit code: 1' });
    // each state of an execution may hold 256 KiB
    expect(next).not.toHaveProperty('agent');
    expect(next).not.toHaveProperty('gate');
  });

  test.each<[string, LoopBudgetLimits, Partial<LoopState>, number, string]>([
    ['iterations', { iterations: 3 }, { iteration: 3 }, 0, '3 rounds are over, and the gates have not passed'],
    ['time', { iterations: 9, seconds: 60 }, {}, 60_000, 'the time is over, and the gates have not passed'],
    ['tokens', { iterations: 9, tokens: 100 }, { tokens: 95 }, 0, '105 tokens are used, and the gates have not passed'],
  ])('ends the loop when its %s are spent', (spent, budget, state, now, reason) => {
    const judged = judge(round(failing, 10, state), budget, now);
    expect(judged).toMatchObject({ decision: 'STOP', spent });
    const { passed, error, cause, summary } = summarizeLoop({ action: 'summarizeLoop', visit, loop: judged }, now);
    expect([passed, error, summary.reason]).toEqual([false, 'BudgetSpent', reason]);
    expect(JSON.parse(cause)).toEqual(summary);
  });

  test('whose gates have passed counts, though the budget is spent', () => {
    expect(judge(round(passing, 500), { iterations: 1, tokens: 100 })).toMatchObject({ decision: 'FINISH' });
  });

  test.each([null, 0])('of an agent that tells %j tokens ends a loop that counts on them', (tokens) => {
    expect(() => judge(round(failing, tokens), { iterations: 9, tokens: 100 })).toThrow(expect.objectContaining({ name: 'AgentAnswerInvalid' }));
  });

  test('after the other ends every loop, within its budget', () => {
    const count = (max: number) => fc.integer({ min: 1, max });
    fc.assert(fc.property(count(100), fc.option(count(1_000), { nil: undefined }), count(50), (iterations, tokens, each) => {
      let loop = begin({ task: 1 });
      let rounds = 0;
      while (loop.decision === 'WORK') {
        loop = judge({ ...loop, agent: agent(each), gate: failing }, { iterations, tokens });
        rounds++;
      }
      expect(rounds).toBe(Math.min(iterations, tokens === undefined ? Infinity : Math.ceil(tokens / each)));
      expect(loop.rounds.length).toBeLessThanOrEqual(20);
    }));
  });
});

describe('the summary', () => {
  test('of a loop that has passed', () => {
    const loop = { ...judge({ ...begin({ task: 1 }, 1_000), agent: agent(5), gate: passing }, { iterations: 1 }), stop: { stopped: true, sessionId: 's' } };
    expect(summarizeLoop({ action: 'summarizeLoop', visit, loop }, 3_000)).toMatchObject({
      passed: true,
      summary: { outcome: 'Passed', reason: '', execution: EXECUTION, sessionStopped: true, iterations: 1, tokens: 5, durationMillis: 2_000 },
    });
  });

  test('of one that was ended by an error tells its name and its message', () => {
    const Cause = JSON.stringify({ errorType: 'AgentTimedOut', errorMessage: 'no answer within 3 s' });
    const loop: LoopState = { ...begin({ task: 1 }), error: { Error: 'AgentTimedOut', Cause }, stopError: { Error: 'SessionNotStopped' } };
    expect(summarizeLoop({ action: 'summarizeLoop', visit, loop }, 0)).toMatchObject({
      passed: false, error: 'AgentTimedOut', summary: { outcome: 'AgentTimedOut', reason: 'no answer within 3 s', sessionStopped: false, iterations: 0 },
    });
  });

  test('of a finishing command that fails is no success, though the gates have passed', () => {
    const finished = judge({ ...begin({ task: 1 }), agent: agent(1), gate: passing }, { iterations: 1 });
    const loop: LoopState = { ...finished, error: { Error: 'CommandFailed', Cause: 'rejected' } };
    expect(summarizeLoop({ action: 'summarizeLoop', visit, loop }, 0)).toMatchObject({ passed: false, error: 'CommandFailed', summary: { reason: 'rejected' } });
  });
});

describe('tokens', () => {
  test.each<[unknown, number | null]>([
    ['text', null],
    [null, null],
    [{ message: 'x' }, null],
    [{ usage: null }, null],
    [{ usage: { totalTokens: 7, inputTokens: 1 } }, 7],
    [{ usage: { inputTokens: 3, outputTokens: 4 } }, 7],
    [{ usage: {} }, 0],
  ])('of %j are %j', (answer, tokens) => expect(tokensOf(answer, 's')).toBe(tokens));

  test.each([{ usage: 5 }, { usage: { totalTokens: '7' } }, { usage: { totalTokens: -1 } }, { usage: { inputTokens: 0.5 } }, { usage: [] }])('of %j are garbage', (answer) => {
    expect(() => tokensOf(answer, 's')).toThrow(expect.objectContaining({ name: 'AgentAnswerInvalid' }));
  });
});
