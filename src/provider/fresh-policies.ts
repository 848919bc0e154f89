import { LifecycleContext } from './lifecycle';
import { describeError } from '../client/errors';
import { retry } from '../client/retry';
import { isRolePropagation } from '../service/errors';

/** How long a denial may only mean that a new policy does not count everywhere yet, in milliseconds. */
const FRESH_POLICY_MILLIS = 30_000;

/** Whether an error may go away by itself: roles and policies made a moment ago do not count everywhere at once. */
export function freshPolicies(clock: LifecycleContext['clock']): (error: unknown) => boolean {
  const begun = clock.now();
  const isPropagation = (error: unknown) => error instanceof Error && isRolePropagation(error.name, error.message);
  return (error) => (isDenied(error) ? clock.now() < begun + FRESH_POLICY_MILLIS : isPropagation(error));
}

/** Makes a call again for as long as roles and policies may be too young for it. */
export function outlastFreshPolicies<T>(call: () => Promise<T>, { clock, log }: Pick<LifecycleContext, 'clock' | 'log'>, signal: AbortSignal): Promise<T> {
  return retry(call, {
    clock,
    retryable: freshPolicies(clock),
    attempts: 20,
    firstPauseMillis: 1_000,
    longestPauseMillis: 10_000,
    signal,
    onRetry: (error) => log('a role or policy may not be visible to the service yet, trying again', { error: describeError(error) }),
  });
}

export function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === 'AccessDeniedException';
}
