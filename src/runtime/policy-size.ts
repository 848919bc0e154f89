import { Stack, Token } from 'aws-cdk-lib';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { render } from './render';
import { flatten } from './rendered-text';
import { partitionOf } from '../service/partition';

/**
 * How long the inline policies of one role may be together, and each managed policy, in characters.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_INLINE_POLICY_CHARACTERS = 10_240;
export const MAX_MANAGED_POLICY_CHARACTERS = 6_144;

/** Lengths of what only CloudFormation knows; a role or log group that it names has an ARN of about this length at most. */
const LENGTHS: Readonly<Record<string, number>> = { 'AWS::Partition': 3, 'AWS::Region': 14, 'AWS::AccountId': 12, 'AWS::URLSuffix': 16 };
const ARN_LENGTH = 95;
/** The most that CloudFormation takes as the name of a stack, and a UUID. */
const [STACK_NAME_LENGTH, STACK_UUID_LENGTH] = [128, 36];

/** About how long a policy is once CloudFormation has filled it in, in characters as IAM counts them. */
export function policyCharacters(stack: Stack, document: PolicyDocument): number {
  return textCharacters(stack, document);
}

/** The same of any value in JSON. */
export function textCharacters(stack: Stack, value: unknown): number {
  return writtenCharacters(stack, render(stack, value));
}

/** The same of what is rendered already. */
export function writtenCharacters(stack: Stack, rendered: unknown): number {
  return JSON.stringify(filledIn(rendered, stack)).length;
}

function filledIn(value: unknown, stack: Stack): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => filledIn(item, stack));
  const [[name] = [''], ...others] = Object.entries(value);
  if (others.length === 0 && /^(Ref$|Fn::)/.test(name)) return flatten(value, (intrinsic) => standIn(intrinsic, stack));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, stack)]));
}

function standIn(intrinsic: unknown, stack: Stack): string {
  const { 'Ref': name, 'Fn::Sub': text } = intrinsic as { readonly 'Ref'?: string; readonly 'Fn::Sub'?: unknown };
  if (typeof text === 'string') return text.replace(/\$\{([^}]*)\}/g, (_, inner: string) => standIn({ Ref: inner }, stack));
  const region = Token.isUnresolved(stack.region) ? undefined : stack.region;
  if (name === 'AWS::Region' && region !== undefined) return region;
  if (name === 'AWS::Partition' && region !== undefined) return partitionOf(region);
  if (name === 'AWS::StackId') return 'x'.repeat(stackIdCharacters(stack));
  return 'x'.repeat(LENGTHS[name ?? ''] ?? ARN_LENGTH);
}

function stackIdCharacters(stack: Stack): number {
  const name = Token.isUnresolved(stack.stackName) ? STACK_NAME_LENGTH : stack.stackName.length;
  const [partition, region, account] = ['AWS::Partition', 'AWS::Region', 'AWS::AccountId'].map((Ref) => standIn({ Ref }, stack).length);
  return 'arn::cloudformation:::stack//'.length + partition + region + account + name + STACK_UUID_LENGTH;
}
