import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { STACK_TAG } from '../provider/contract/ownership';
import { Pair } from '../service/permissions/pairs';
import { LINKED_ROLES, ResourceKind } from '../service/permissions/resources';

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What one statement of a policy allows: each action on each resource. */
export interface Allowance {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
}

/** Pairs as statements that allow these pairs and no other; resources with the same actions share a statement. */
export function groupPairs(pairs: readonly Pair[]): Allowance[] {
  const byResource = new Map<string, { readonly actions: string[]; readonly resource: string; readonly conditions?: Conditions }>();
  for (const pair of pairs) {
    const conditions = conditionsOf(pair);
    const key = JSON.stringify([pair.resource, conditions]);
    const known = byResource.get(key);
    if (known) known.actions.push(pair.action);
    else byResource.set(key, { actions: [pair.action], resource: pair.resource, conditions });
  }
  const groups = new Map<string, Allowance & { readonly resources: string[] }>();
  for (const { actions, resource, conditions } of byResource.values()) {
    const key = JSON.stringify([actions, conditions]);
    const known = groups.get(key);
    if (known) known.resources.push(resource);
    else groups.set(key, { actions, resources: [resource], conditions });
  }
  return [...groups.values()];
}

/** A statement that allows this; its resources may be a token. */
export function statementOf({ actions, resources, conditions }: Allowance): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) });
}

/** The service asks on these as long as what it creates has no id. */
const WITHOUT_ID: readonly ResourceKind[] = ['anyRuntime', 'identityDirectory', 'anyIdentity'];

function conditionsOf({ action, kind, conditionKeys = [] }: Pair): Conditions | undefined {
  if (conditionKeys.includes('iam:PassedToService')) return { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } };
  if (conditionKeys.includes('iam:AWSServiceName')) {
    return { StringEquals: { 'iam:AWSServiceName': Object.values(LINKED_ROLES).map(({ service }) => service) } };
  }
  // else it could mark any runtime of the account as its own, and then delete it
  if (action === 'bedrock-agentcore:TagResource' && WITHOUT_ID.includes(kind)) return { StringEquals: { [`aws:RequestTag/${STACK_TAG}`]: Aws.STACK_ID } };
  return undefined;
}
