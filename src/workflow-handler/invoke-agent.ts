import { AgentTaskResult, InvokeAgentTask } from './contract';
import { errorOfTask } from './error-of-task';
import { sessionOf } from './session-of';
import { TaskContext } from './task-context';
import { TaskError } from './task-error';
import { answerValue, payloadOf } from '../client/agent-answer';
import { check } from '../client/compose-run';
import { invokeAgent } from '../client/invoke-agent';
import { inRegionOf } from '../provider/region-of-runtime';
import { validateSessionId } from '../service/session-id';

/** The longest answer that goes into an execution, in bytes of JSON; a state may hold 256 KiB in all. */
const ANSWER_BYTES = 128 * 1024;

/** How long before the end of a call an agent is given up, in milliseconds. */
const RESERVE_MILLIS = 15_000;

/**
 * Invokes the agent of a session and waits for its answer.
 *
 * @throws TaskError by what went wrong; `SessionBusy` and `Throttled` alone say that the agent has not seen the call
 */
export async function invokeAgentTask(task: InvokeAgentTask, context: TaskContext): Promise<AgentTaskResult> {
  const { clock, log, deadline } = context;
  const { runtimeArn, qualifier, timeoutSeconds, visit } = task;
  const sessionId = sessionOf(task, visit.execution);
  const begun = clock.now();
  const millis = Math.max(1, Math.min(timeoutSeconds * 1_000, deadline - RESERVE_MILLIS - begun));
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), millis);
  const { signal } = timeUp;
  log('invoking agent', { state: visit.state, sessionId, timeoutSeconds });
  try {
    check(validateSessionId(sessionId));
    const client = await inRegionOf(runtimeArn, context.client);
    const what = `the agent could not be invoked in session ${sessionId}`;
    const response = await invokeAgent(client, { runtimeArn, qualifier, sessionId, payload: payloadOf(task.payload) }, { clock, signal });
    const answer: unknown = await answerValue(response, { signal, what }) ?? null;
    const bytes = Buffer.byteLength(JSON.stringify(answer));
    if (bytes > ANSWER_BYTES) {
      throw new TaskError('agentAnswer', `the agent in session ${sessionId} has answered ${bytes} bytes, which do not fit into an execution: allowed are ${ANSWER_BYTES}; let it write to files, and answer shortly`);
    }
    const result = { answer, tokens: tokensOf(answer, sessionId), sessionId, durationMillis: clock.now() - begun };
    log('agent answered', { state: visit.state, durationMillis: result.durationMillis, tokens: result.tokens });
    return result;
  } catch (error) {
    if (signal.aborted) throw new TaskError('agentTimedOut', `the agent in session ${sessionId} has not answered within ${Math.round(millis / 1_000)} s`, error);
    throw errorOfTask(error, `the agent failed in session ${sessionId}`, 'agentFailed');
  } finally {
    clearTimeout(timer);
  }
}

/** The tokens that an answer tells of, by the names that Amazon Bedrock uses; null where it tells none. */
export function tokensOf(answer: unknown, sessionId: string): number | null {
  const usage = isRecord(answer) ? answer.usage ?? undefined : undefined;
  if (usage === undefined) return null;
  const { totalTokens, inputTokens = 0, outputTokens = 0 } = isRecord(usage) ? usage : { totalTokens: Number.NaN };
  const counts = totalTokens === undefined ? [inputTokens, outputTokens] : [totalTokens];
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) >= 0;
  if (counts.every(isCount)) return counts.reduce((sum, count) => sum + count);
  throw new TaskError('agentAnswer', `the agent in session ${sessionId} has answered with usage ${JSON.stringify(usage).slice(0, 200)}; its totalTokens, or inputTokens and outputTokens, have to be whole numbers from 0`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
