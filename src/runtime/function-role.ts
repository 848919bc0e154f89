import { CfnResource, Lazy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnPolicy, IRole, Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, DependencyGroup, IConstruct } from 'constructs';
import { throwFaults } from './faults';
import { reportPolicies, rolesAreMadeElsewhere } from './reported-policies';
import { isImmutable, warnOfMissing } from './role-permissions';
import { byRule } from './rule-id';
import { stackUuid } from './stack-uuid';

/** The role of a function, and what is in it from before the function is made until after it is gone. */
export interface FunctionRole {
  /** Takes further policies and statements. */
  readonly role: IRole;
  /** The construct in which cdk-nag finds the basics, and statements that are added. */
  readonly basicsOwner: IConstruct;
  /** A policy that the function has to wait for. */
  readonly policy?: Policy;
}

/** A role of the function's own. */
export function ownRole(scope: Construct, description: string, basics: PolicyDocument): FunctionRole {
  const elsewhere = rolesAreMadeElsewhere(scope);
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description,
    inlinePolicies: elsewhere ? undefined : { Basics: basics },
  });
  reportPolicies(role);
  if (elsewhere) role.attachInlinePolicy(new Policy(role, 'Basics', { document: basics }));
  return { role, basicsOwner: role };
}

/**
 * A role of the user's.
 *
 * @throws an error for one of another account, which Lambda does not take
 */
export function givenRole(scope: Construct, given: IRole, basics: PolicyDocument): FunctionRole {
  const { account } = Stack.of(scope);
  throwFaults(scope, byRule('functionConfiguration', Token.compareStrings(given.env.account, account) === TokenComparison.DIFFERENT
    ? [`role is one of account ${given.env.account}, but a function of account ${account} takes a role of its own account only; give one of that`] : []));
  reportPolicies(given);
  const policy = new Policy(scope, 'BasicsPolicy', { document: basics });
  const role = isImmutable(given) ? withStatementsInWarning(scope, given) : withStatementsIn(policy, given);
  policy.attachToRole(role);
  return { role, basicsOwner: policy, policy };
}

/** The role as one whose statements are in the function's stack: in the role's own stack, statements that refer to the function's stack would make each stack depend on the other. */
function withStatementsIn(policy: Policy, given: IRole): IRole {
  const role: IRole = Object.create(given, {
    grantPrincipal: { get: () => role },
    attachInlinePolicy: {
      value: (attached: Policy) => {
        nameByStack(attached);
        given.attachInlinePolicy.call(role, attached);
      },
    },
    addToPrincipalPolicy: {
      value: (statement: PolicyStatement) => {
        policy.addStatements(statement);
        return { statementAdded: true, policyDependable: policy };
      },
    },
  });
  return role;
}

const MAX_POLICY_NAME = 128;
const UUID_LENGTH = 36;

/** Other stacks may have policies of the same logical id on the role, and the CDK names policies by that alone: they would overwrite each other. */
function nameByStack(policy: Policy): void {
  const resource = policy.node.defaultChild as CfnPolicy;
  const { stack } = policy;
  const end = Lazy.string({ produce: () => String(stack.resolve(resource.logicalId)).slice(-(MAX_POLICY_NAME - UUID_LENGTH - '-'.length)) });
  resource.policyName = `${end}-${stackUuid()}`;
}

/** The role as one that keeps policies out of the template, of which the CDK attaches some to an immutable role, and lists them in a warning. */
function withStatementsInWarning(scope: Construct, given: IRole): IRole {
  const warnOf = (statements: () => object[]) => warnOfMissing(scope, { name: 'role of the function' }, given, statements);
  const role: IRole = Object.create(given, {
    grantPrincipal: { get: () => role },
    attachInlinePolicy: {
      value: (policy: Policy) => {
        Object.assign(policy.node.defaultChild as CfnResource, { shouldSynthesize: () => false });
        warnOf(() => policy.document.toJSON()?.Statement ?? []);
      },
    },
    addToPrincipalPolicy: {
      value: (statement: PolicyStatement) => {
        warnOf(() => [statement.toStatementJson()]);
        return { statementAdded: true, policyDependable: new DependencyGroup() };
      },
    },
  });
  return role;
}
