import { BeginLoopTask, JudgeRoundTask, LoopRound, LoopState, LoopSummary, SummarizeLoopTask, WORKFLOW_ERRORS } from './contract';
import { sessionOf } from './session-of';
import { TaskError } from './task-error';
import { describe } from '../service/model/validate';
import { validateSessionId } from '../service/session-id';

/** How many rounds a summary tells of, from the last one back. */
const TOLD_ROUNDS = 20;

const PASSED = 'Passed';

/** What a loop is given to do. */
export interface LoopInput {
  readonly task: unknown;
  readonly sessionId?: string;
}

/** @throws TaskError `InvalidInput` with all that is wrong */
export function loopInputOf(input: unknown): LoopInput {
  const { task, sessionId, ...others } = typeof input === 'object' && input !== null && !Array.isArray(input) ? input as Record<string, unknown> : {};
  const faults = [
    ...(task === undefined || task === null ? [`the input of the execution is ${describe(input)}; give it as {"task": ...}, with anything that the agent takes`] : []),
    ...(sessionId === undefined ? [] : typeof sessionId === 'string' ? validateSessionId(sessionId) : [`sessionId ${describe(sessionId)} is not a text`]),
    ...(Object.keys(others).length === 0 ? [] : [`the input of the execution has ${Object.keys(others).join(', ')}, which nothing reads; allowed are task and sessionId`]),
  ];
  if (faults.length > 0) throw new TaskError('invalidInput', faults.join('; '));
  return { task, ...(sessionId === undefined ? {} : { sessionId: sessionId as string }) };
}

/** What the first round of an execution begins with. */
export function beginLoop({ runtimeArn, qualifier, input, visit: { execution } }: BeginLoopTask, now: number): LoopState {
  const { task, sessionId } = loopInputOf(input);
  return {
    task,
    sessionId: sessionOf({ runtimeArn, qualifier, sessionId }, execution),
    startedAt: now,
    iteration: 1,
    tokens: 0,
    observation: null,
    rounds: [],
    decision: 'WORK',
  };
}

/** What becomes of a loop whose gates have been run: all of them, or up to the first that has not passed. */
export function judgeRound({ loop, budget }: JudgeRoundTask, now: number): LoopState {
  const { agent, gate, ...kept } = loop;
  if (!agent || !gate) throw new TaskError('invalidInput', 'the round has no answer of the agent, or no gate');
  if (budget.tokens !== undefined && !agent.tokens) {
    throw new TaskError('agentAnswer', `the budget is ${budget.tokens} tokens, but the agent tells of none; it has to answer with {"usage": {"totalTokens": ...}}`);
  }
  const round: LoopRound = {
    iteration: loop.iteration,
    tokens: agent.tokens,
    agentMillis: agent.durationMillis,
    gate: gate.name,
    exitCode: gate.exitCode,
    passed: gate.ok,
  };
  const judged = { ...kept, tokens: loop.tokens + (agent.tokens ?? 0), rounds: [...loop.rounds, round].slice(-TOLD_ROUNDS) };
  if (gate.ok) return { ...judged, observation: null, decision: 'FINISH' };
  const spent = spentOf({ ...judged, startedAt: loop.startedAt }, budget, now);
  if (spent) return { ...judged, observation: null, decision: 'STOP', spent };
  return { ...judged, iteration: loop.iteration + 1, observation: `gate ${JSON.stringify(round.gate)} has not passed\n${gate.observation}` };
}

function spentOf({ iteration, tokens, startedAt }: Pick<LoopState, 'iteration' | 'tokens' | 'startedAt'>, budget: JudgeRoundTask['budget'], now: number): LoopState['spent'] {
  if (iteration >= budget.iterations) return 'iterations';
  if (budget.tokens !== undefined && tokens >= budget.tokens) return 'tokens';
  return budget.seconds !== undefined && now - startedAt >= budget.seconds * 1_000 ? 'time' : undefined;
}

/** What the end of a loop is told as; `error` and `cause` are for the state that fails where it has not passed. */
export interface LoopEnd {
  readonly passed: boolean;
  readonly summary: LoopSummary;
  readonly error: string;
  readonly cause: string;
}

export function summarizeLoop({ loop, visit: { execution } }: SummarizeLoopTask, now: number): LoopEnd {
  const outcome = loop.error ? loop.error.Error : loop.decision === 'FINISH' ? PASSED : WORKFLOW_ERRORS.budgetSpent;
  const summary: LoopSummary = {
    outcome,
    reason: reasonOf(loop),
    execution,
    sessionId: loop.sessionId,
    // a session that was not there any more is as good as stopped
    sessionStopped: loop.stop !== undefined,
    iterations: loop.rounds.at(-1)?.iteration ?? 0,
    tokens: loop.tokens,
    durationMillis: now - loop.startedAt,
    rounds: loop.rounds,
  };
  return { passed: outcome === PASSED, summary, error: outcome, cause: JSON.stringify(summary) };
}

function reasonOf({ error, spent, iteration, tokens }: LoopState): string {
  if (error) return messageOf(error.Cause ?? '');
  if (!spent) return '';
  return { iterations: `${iteration} rounds are over`, tokens: `${tokens} tokens are used`, time: 'the time is over' }[spent] + ', and the gates have not passed';
}

/** The message in what Step Functions tells of an error of a function: JSON with `errorMessage`, or plain text. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause);
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
