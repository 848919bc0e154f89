import { RequestContext } from './request-context';
import { substitute } from './variables';
import { covers, Pattern, wildcards } from './wildcard';

/** Of `arn:partition:service:region:account:resource`; the last has colons of its own. */
const SEGMENTS = 6;

/**
 * Whether a Resource element covers the resource of a request: segment by segment, and the resource part in whole, so
 * that a `*` in it covers `/` and `:` too. Segments that are missing at the end cover everything. `*` alone covers
 * what is no ARN, too.
 *
 * @returns undefined where a variable has no value
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function coversResource(element: string, resource: string, context: RequestContext, version: string | undefined): boolean | undefined {
  if (element === '*') return true;
  const segments = splitArn(element, ':');
  // only this part has variables
  const last = segments.length < SEGMENTS ? wildcards('*') : substitute(segments[SEGMENTS - 1].join(''), context, version);
  if (!last) return undefined;
  const before = segments.slice(0, SEGMENTS - 1).map((segment) => wildcards(segment.join('')));
  while (before.length < SEGMENTS - 1) before.push(wildcards('*'));
  return coversSegments([...before, last], resource);
}

/**
 * Whether the pattern of an ARN in a condition covers an ARN: each of the six segments by itself.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function coversArn(pattern: Pattern, arn: string): boolean {
  return coversSegments(splitArn(pattern, ':'), arn);
}

/** Whether a text has the form of an ARN. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:') && text.split(':').length >= SEGMENTS;
}

function coversSegments(patterns: readonly Pattern[], arn: string): boolean {
  const segments = splitArn([...arn], ':');
  return patterns.length === SEGMENTS && segments.length === SEGMENTS
    && patterns.every((pattern, index) => covers(pattern, segments[index].join('')));
}

function splitArn<T>(characters: Iterable<T>, colon: T): T[][] {
  const segments: T[][] = [[]];
  for (const character of characters) {
    if (character === colon && segments.length < SEGMENTS) segments.push([]);
    else segments[segments.length - 1].push(character);
  }
  return segments;
}
