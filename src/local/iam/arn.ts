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
 * @returns undefined where all hangs on a variable that has no value
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function coversResource(element: string, resource: string, context: RequestContext, version: string | undefined): boolean | undefined {
  if (element === '*') return true;
  const segments = splitArn(element, ':').map((segment) => segment.join(''));
  const inRequest = splitArn(resource, ':').map((segment) => segment.join(''));
  if (inRequest.length < SEGMENTS) return false;
  const before = segments.slice(0, SEGMENTS - 1);
  if (!before.every((segment, index) => covers(wildcards(segment), inRequest[index]))) return false;
  if (segments.length < SEGMENTS) return true;
  // this part alone may have variables
  const last = substitute(segments[SEGMENTS - 1], context, version);
  return last && covers(last, inRequest[SEGMENTS - 1]);
}

/**
 * Whether the pattern of an ARN in a condition covers an ARN: each of the six segments by itself.
 *
 * @returns undefined where one of them has fewer segments, and so is no ARN
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function coversArn(pattern: Pattern, arn: string): boolean | undefined {
  const patterns = splitArn(pattern, ':');
  const segments = splitArn(arn, ':');
  if (patterns.length < SEGMENTS || segments.length < SEGMENTS) return undefined;
  return patterns.every((segment, index) => covers(segment, segments[index].join('')));
}

function splitArn<T>(characters: Iterable<T>, colon: T): T[][] {
  const segments: T[][] = [[]];
  for (const character of characters) {
    if (character === colon && segments.length < SEGMENTS) segments.push([]);
    else segments[segments.length - 1].push(character);
  }
  return segments;
}
