import { LocalFunction } from './function';
import { InvocationOutcome } from './function-process';

/** What can run a function once. */
export interface Invoker {
  /** @param kill ends the function where it stands */
  invoke(target: LocalFunction, event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome>;
}

/**
 * Invokes a function as Lambda does for asynchronous callers: after an error or a time-out again with the same event, as
 * often as the function allows. Unlike Lambda it does not wait a minute before that.
 *
 * @param isSettled once true, nobody waits any more and no further try is made
 */
export async function invokeAsynchronously(
  invoker: Invoker, target: LocalFunction, event: unknown, requestId: string, isSettled: () => boolean = () => false,
): Promise<InvocationOutcome> {
  let outcome = await invoker.invoke(target, event, requestId);
  for (let retry = 0; retry < target.retryAttempts && 'error' in outcome && !isSettled(); retry++) {
    outcome = await invoker.invoke(target, event, requestId);
  }
  return outcome;
}
