import { Stack, Token } from 'aws-cdk-lib';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { render } from './render';
import { flatten } from './rendered-text';

/**
 * How long the inline policies of one role may be together, in characters.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_INLINE_POLICY_CHARACTERS = 10_240;

/** Lengths of what only CloudFormation knows; a role or log group that it names has an ARN of about this length at most. */
const LENGTHS: Readonly<Record<string, number>> = { 'AWS::Partition': 3, 'AWS::Region': 14, 'AWS::AccountId': 12 };
const ARN_LENGTH = 95;

/** About how long policies are once CloudFormation has filled them in, in characters as IAM counts them. */
export function inlinePolicyCharacters(stack: Stack, documents: Iterable<PolicyDocument>): number {
  const rendered = render(stack, [...documents]) as unknown[];
  return rendered.map((document) => charactersOf(document, stack)).reduce((sum, length) => sum + length, 0);
}

function charactersOf(document: unknown, stack: Stack): number {
  return JSON.stringify(filledIn(document, stack)).length;
}

function filledIn(value: unknown, stack: Stack): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => filledIn(item, stack));
  const [[name] = [''], ...others] = Object.entries(value);
  if (others.length === 0 && /^(Ref$|Fn::)/.test(name)) return flatten(value, (intrinsic) => standIn(intrinsic, stack));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, stack)]));
}

function standIn(intrinsic: unknown, stack: Stack): string {
  const { Ref: name } = intrinsic as { readonly Ref?: string };
  if (name === 'AWS::Region' && !Token.isUnresolved(stack.region)) return stack.region;
  return 'x'.repeat(LENGTHS[name ?? ''] ?? ARN_LENGTH);
}
