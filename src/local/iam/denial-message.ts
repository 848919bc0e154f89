import { Decision, IamRequest } from './request';

type Denial = Extract<Decision, { allowed: false }>;

const REASONS: Readonly<Record<Denial['because'], (action: string) => string>> = {
  explicitDeny: () => 'with an explicit deny in an identity-based policy',
  noAllow: (action) => `because no identity-based policy allows the ${action} action`,
  boundaryDeny: () => 'with an explicit deny in a permissions boundary',
  boundaryNoAllow: (action) => `because no permissions boundary allows the ${action} action`,
};

/**
 * AWS's text about a call that is denied.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function denialMessage(principalArn: string, { action, resource }: IamRequest, { because }: Denial): string {
  return `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ${REASONS[because](action)}`;
}
