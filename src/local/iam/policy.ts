import { faultsOf } from './policy-faults';

/** One of several values, or a single one, as policies have them. */
export type OneOrMore<T> = T | readonly T[];

/** Operators, their keys, and the values of these. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMore<string | number | boolean>>>>>;

/** What is allowed or denied. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: Conditions;
}

/**
 * An identity policy in IAM's JSON.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMore<Statement>;
}

/** A single value as a list of one. */
export function listOf<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/**
 * Checks a policy as IAM does when it is attached.
 *
 * @throws Error with one line that names each fault, which IAM answers as `MalformedPolicyDocument`
 */
export function readPolicyDocument(value: unknown, name: string): PolicyDocument {
  const faults = faultsOf(value);
  if (faults.length > 0) throw new Error(`policy ${name}: ${faults.join('; ')}`);
  return value as PolicyDocument;
}
