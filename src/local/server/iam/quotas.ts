import { RoleRecord } from './records';
import { lastValue } from './timed';
import { PolicyDocument } from '../../iam/policy';
import { HttpError } from '../http-error';

/**
 * How large policies may be, in characters without white space, and how many may be attached.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const IAM_QUOTAS = { inlineCharactersPerRole: 10_240, managedPolicyCharacters: 6_144, managedPoliciesPerRole: 10 } as const;

/** Refuses a role whose inline policies are too large together, as PutRolePolicy does. */
export function requireInlineSize({ name, inline }: RoleRecord): void {
  const size = Object.values(inline).reduce((sum, policy) => sum + sizeOf(lastValue(policy)), 0);
  if (size > IAM_QUOTAS.inlineCharactersPerRole) {
    throw limitExceeded(`Maximum policy size of ${IAM_QUOTAS.inlineCharactersPerRole} bytes exceeded for role ${name}`);
  }
}

/** Refuses a managed policy that is too large, as CreatePolicy does. */
export function requireManagedSize(document: PolicyDocument): void {
  if (sizeOf(document) > IAM_QUOTAS.managedPolicyCharacters) throw limitExceeded(`Cannot exceed quota for PolicySize: ${IAM_QUOTAS.managedPolicyCharacters}`);
}

/** Refuses a role to which too many policies are attached, as AttachRolePolicy does. */
export function requireAttachments({ attached }: RoleRecord): void {
  const count = Object.values(attached).filter((policy) => lastValue(policy)).length;
  if (count > IAM_QUOTAS.managedPoliciesPerRole) throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${IAM_QUOTAS.managedPoliciesPerRole}`);
}

function sizeOf(document: PolicyDocument | undefined): number {
  return document === undefined ? 0 : JSON.stringify(document).replace(/\s/g, '').length;
}

function limitExceeded(message: string): HttpError {
  return new HttpError(409, 'LimitExceeded', message);
}
