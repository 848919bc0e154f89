import { Policy, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { reportPolicies, rolesAreMadeElsewhere } from './reported-policies';

/**
 * The role of a function of ours.
 *
 * @param basics what is in the role itself, and so is there as long as the role; statements may be added later
 */
export function functionRole(scope: Construct, description: string, basics: PolicyDocument): Role {
  const elsewhere = rolesAreMadeElsewhere(scope);
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description,
    inlinePolicies: elsewhere ? undefined : { Basics: basics },
  });
  reportPolicies(role);
  if (elsewhere) role.attachInlinePolicy(new Policy(role, 'Basics', { document: basics }));
  return role;
}
