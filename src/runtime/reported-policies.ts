import { Aspects, CfnResource } from 'aws-cdk-lib';
import { IRole, Policy } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** The key of the context in which `Role.customizeRoles` says which roles are made elsewhere. */
const CUSTOMIZE_ROLES_CONTEXT = '@aws-cdk/iam:customizeRoles';

/** Whether roles in a scope are made outside of the app, and what they need stands in a report instead of the template. */
export function rolesAreMadeElsewhere(scope: IConstruct): boolean {
  const customized = scope.node.tryGetContext(CUSTOMIZE_ROLES_CONTEXT) as { readonly preventSynthesis?: boolean } | undefined;
  return customized !== undefined && customized.preventSynthesis !== false;
}

/**
 * Brings all policies that a role is given into the report, where roles are made outside of the app. The CDK reports of a policy
 * what is in it when it is attached, and leaves it in the template.
 */
export function reportPolicies(role: IRole): void {
  if (!rolesAreMadeElsewhere(role)) return;
  const report = role.attachInlinePolicy.bind(role);
  role.attachInlinePolicy = (policy) => reportPolicy(policy, report);
}

function reportPolicy(policy: Policy, report: (policy: Policy) => void): void {
  Object.assign(policy.node.defaultChild as CfnResource, { shouldSynthesize: () => false });
  let isReported = false;
  // when the app has put all statements into it, and before references between stacks are looked up
  Aspects.of(policy).add({
    visit: (construct) => {
      if (construct !== policy || isReported) return;
      isReported = true;
      report(policy);
    },
  });
}
