import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { statementsAsJson } from './role-permissions';
import { ruleId } from './rule-id';
import { addWarning } from './warning';

/**
 * Lets CloudWatch Logs encrypt the log groups of an account and region with a key.
 *
 * By account and not by log group: a key that names the log group that waits for it would be a cycle.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function allowLogEncryption(scope: IConstruct, key: IKey): void {
  const { partition, region, account } = Stack.of(scope);
  const statement = new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*` } },
  });
  if (key.addToResourcePolicy(statement).statementAdded) return;
  addWarning(scope, ruleId('keyPolicyNotAdded'), 'the policy of logEncryptionKey is not this app\'s; see to it that it has this statement, or the log group cannot be made: '
    + `${statementsAsJson(scope, [statement])}.`);
}
