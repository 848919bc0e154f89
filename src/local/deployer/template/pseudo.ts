import { partitionOf } from '../../../service/partition';

/** The stack that a template is evaluated for. */
export interface StackIdentity {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly account: string;
}

/** The ARN of a stack, made anew for each creation of it. */
export function stackArn(stackName: string, region: string, account: string, uuid: string): string {
  return `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${stackName}/${uuid}`;
}

/** The value of a pseudo parameter; undefined where there is none of that name. */
export function pseudoParameter(name: string, stack: StackIdentity): unknown {
  switch (name) {
    case 'AWS::AccountId': return stack.account;
    case 'AWS::Region': return stack.region;
    case 'AWS::Partition': return partitionOf(stack.region);
    case 'AWS::URLSuffix': return partitionOf(stack.region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    case 'AWS::StackName': return stack.stackName;
    case 'AWS::StackId': return stack.stackId;
    case 'AWS::NotificationARNs': return [];
    default: return undefined;
  }
}

/** Fills in the placeholders of an asset manifest. */
export function resolvePlaceholders(text: string, stack: Pick<StackIdentity, 'account' | 'region'>): string {
  return text.replace(/\$\{(AWS::(?:AccountId|Region|Partition))\}/g, (_, name: string) =>
    String(pseudoParameter(name, { ...stack, stackName: '', stackId: '' })));
}
