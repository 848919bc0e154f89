import { coversResource } from './arn';
import { meetsConditions } from './conditions';
import { listOf, PolicyDocument, Statement } from './policy';
import { Decision, IamRequest, IdentityPolicies } from './request';
import { RequestContext } from './request-context';
import { covers, wildcards } from './wildcard';

export { denialMessage } from './denial-message';
export type { Decision, IamRequest, IdentityPolicies } from './request';

/**
 * Judges a call as IAM does by the policies of an identity alone: a Deny in any of them wins, what none allows is denied,
 * and a boundary has to allow it too.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate({ policies, boundary }: IdentityPolicies, request: IamRequest): Decision {
  const context = new RequestContext(request.context);
  const effects = effectsOf(policies, request, context);
  const bounds = boundary && effectsOf([boundary], request, context);
  if (effects.has('Deny')) return { allowed: false, because: 'explicitDeny' };
  if (bounds?.has('Deny')) return { allowed: false, because: 'boundaryDeny' };
  if (!effects.has('Allow')) return { allowed: false, because: 'noAllow' };
  if (bounds && !bounds.has('Allow')) return { allowed: false, because: 'boundaryNoAllow' };
  return { allowed: true };
}

function effectsOf(policies: readonly PolicyDocument[], request: IamRequest, context: RequestContext): Set<Statement['Effect']> {
  return new Set(policies.flatMap(({ Version, Statement: statements }) => listOf(statements)
    .filter((statement) => applies(statement, request, context, Version))
    .map(({ Effect }) => Effect)));
}

function applies(statement: Statement, { action, resource }: IamRequest, context: RequestContext, version: string | undefined): boolean {
  return appliesToAction(statement, action)
    && appliesToResource(statement, resource, context, version)
    && meetsConditions(statement.Condition ?? {}, context, version);
}

function appliesToAction({ Action, NotAction }: Statement, action: string): boolean {
  const named = (element: string) => covers(wildcards(element.toLowerCase()), action.toLowerCase());
  return Action !== undefined ? listOf(Action).some(named) : !listOf(NotAction ?? []).some(named);
}

function appliesToResource({ Resource, NotResource }: Statement, resource: string, context: RequestContext, version: string | undefined): boolean {
  const named = (element: string) => coversResource(element, resource, context, version);
  // a variable without a value makes the statement void: it is in neither
  return Resource !== undefined
    ? listOf(Resource).some((element) => named(element) === true)
    : listOf(NotResource ?? []).every((element) => named(element) === false);
}
