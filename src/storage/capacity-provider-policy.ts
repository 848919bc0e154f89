import { Stack, Validations } from 'aws-cdk-lib';
import { IInstanceProfile, IRole, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { addWarning } from '../runtime/warning';

/**
 * What AWS maintains for operator roles: a copy would go out of date.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/BedrockAgentCoreRuntimeInstancesOperatorRolePolicy.html
 */
const OPERATOR_POLICY = 'BedrockAgentCoreRuntimeInstancesOperatorRolePolicy';

/** The role by which the service launches and ends instances, for capacity providers of this account only. */
export function operatorRole(scope: Construct): Role {
  const role = new Role(scope, 'OperatorRole', {
    // by account and not by ARN: the service assumes the role before there is a capacity provider
    assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } } }),
    description: 'Launches and ends the EC2 instances of an AgentCore capacity provider',
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(OPERATOR_POLICY)],
  });
  role.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {
    [`AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${OPERATOR_POLICY}]`]: 'AWS made the policy for this role, and scopes it by tags and managed resources',
  });
  return role;
}

/** The managed policy lets the role of the service's default profile be passed, and no other. */
export function allowInstanceProfile(scope: Construct, role: IRole, { role: instanceRole, instanceProfileArn }: IInstanceProfile): void {
  if (instanceRole) {
    role.addToPrincipalPolicy(new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [instanceRole.roleArn],
      conditions: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
    }));
  } else {
    addWarning(scope, 'cdk-agentcore-runtime:instanceRoleNotPassed',
      `the instance profile ${instanceProfileArn} does not tell its role; see to it that the operator role may pass that role to Amazon EC2, or no instance can be launched.`);
  }
}

/**
 * What Amazon EBS takes of whoever attaches volumes that are encrypted with a key of one's own.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
 */
export function allowEncryption(role: IRole, key: IKey): void {
  key.grant(role, 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo');
  role.addToPrincipalPolicy(new PolicyStatement({
    actions: ['kms:CreateGrant'],
    resources: [key.keyArn],
    conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  }));
}
