import { createHash } from 'node:crypto';
import { partitionOf } from '../../../../service/partition';
import { ResourceRequest } from '../../engine/handler';
import { isObject } from '../../json';

/** The ARN of a role or of a managed policy. */
export function iamArn({ stack, properties }: ResourceRequest, kind: 'role' | 'policy', name: string): string {
  return `arn:${partitionOf(stack.region)}:iam::${stack.account}:${kind}${String(properties.Path ?? '/')}${name}`;
}

/** An id as IAM makes them, always the same for the same name. */
export function uniqueId(prefix: string, name: string): string {
  return prefix + createHash('sha256').update(name).digest('hex').toUpperCase().slice(0, 17);
}

/** A property that is a list of texts. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Inline policies in a template, by their names. */
export function inlinePoliciesOf(value: unknown): Map<string, object> {
  const policies = Array.isArray(value) ? value.filter(isObject) : [];
  return new Map(policies.map(({ PolicyName: name, PolicyDocument: document }) => [String(name), documentOf(document)]));
}

/** The document of a policy, as JSON or as an object. */
export function documentOf(value: unknown): object {
  const document: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!isObject(document)) throw new Error('property PolicyDocument is not a JSON object');
  return document;
}
