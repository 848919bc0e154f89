import { LifecycleContext } from './lifecycle';
import { describeError } from '../client/errors';
import { retry } from '../client/retry';
import { isRolePropagation, isServiceLinkedRoleFailure } from '../service/errors';
import { LINKED_ROLES } from '../service/permissions/resources';

/** How long a denial may only mean that a new policy does not count everywhere yet, in milliseconds. */
const FRESH_POLICY_MILLIS = 30_000;

const SERVICE_LINKED_ROLE_REMEDY = 'deploy again in a few minutes, since IAM may only have been slow; if it fails again, look for a service control policy or a '
  + 'permissions boundary that denies iam:CreateServiceLinkedRole to this function, or have an administrator create the role: '
  + `aws iam create-service-linked-role --aws-service-name ${LINKED_ROLES.identityRole.service} `
  + `(in a VPC also ${LINKED_ROLES.networkRole.service}, on a capacity provider also ${LINKED_ROLES.instancesRole.service})`;

/** Whether an error may go away by itself: roles and policies made a moment ago do not count everywhere at once. */
export function freshPolicies(clock: LifecycleContext['clock']): (error: unknown) => boolean {
  const begun = clock.now();
  const isPropagation = (error: unknown) => error instanceof Error && isRolePropagation(error.name, error.message);
  return (error) => isPropagation(error) || (isDenied(error) && clock.now() < begun + FRESH_POLICY_MILLIS);
}

/**
 * Makes a call again for as long as roles and policies may be too young for it, at most 20 times.
 *
 * @throws the last error; one about a service-linked role says what to do
 */
export async function outlastFreshPolicies<T>(
  call: () => Promise<T>, { clock, log }: Pick<LifecycleContext, 'clock' | 'log'>, signal: AbortSignal,
): Promise<T> {
  return retry(call, {
    clock,
    retryable: freshPolicies(clock),
    attempts: 20,
    firstPauseMillis: 1_000,
    longestPauseMillis: 10_000,
    signal,
    onRetry: (error) => log('a role or policy may not be visible to the service yet, trying again', { error: describeError(error) }),
  }).catch((error: unknown) => { throw withRemedy(error); });
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof Error) || !isServiceLinkedRoleFailure(error.message)) return error;
  const { message, name } = error;
  return Object.assign(new Error(`${message}; ${SERVICE_LINKED_ROLE_REMEDY}`, { cause: error }), { name });
}

export function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === 'AccessDeniedException';
}
