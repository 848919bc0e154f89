import { Conditions, listOf } from '../policy';
import { RequestContext } from '../request-context';
import { substitute } from '../variables';
import { wildcards } from '../wildcard';
import { NULL, Operator, OPERATORS, readOperatorName } from './operators';
import { bool } from './values';

/**
 * Whether a request meets a Condition element: all its operators and all their keys, each with one of its values.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
export function meetsConditions(conditions: Conditions, context: RequestContext, version: string | undefined): boolean {
  return Object.entries(conditions).every(([name, keys]) => Object.entries(keys)
    .every(([key, values]) => meets(name, listOf(values).map(String), context.valueOf(key), context, version)));
}

function meets(
  name: string, inPolicy: string[], inRequest: string | readonly string[] | undefined, context: RequestContext, version: string | undefined,
): boolean {
  const { set, base, ifExists } = readOperatorName(name)!;
  if (base === NULL) return inPolicy.some((value) => bool(value) === (inRequest === undefined));
  const operator = OPERATORS[base];
  const holds = (value: string) => holdsFor(operator, inPolicy, value, context, version);
  if (set === undefined) {
    if (inRequest === undefined) return ifExists || operator.negated;
    // a key of several values needs a set operator
    return typeof inRequest === 'string' && holds(inRequest);
  }
  if (inRequest === undefined && ifExists) return true;
  // an empty text counts as no value for these two
  const values = listOf(inRequest ?? []);
  const none = values.every((value) => value === '');
  return set === 'ForAllValues' ? none || values.every(holds) : !none && values.some(holds);
}

function holdsFor(operator: Operator, inPolicy: string[], inRequest: string, context: RequestContext, version: string | undefined): boolean {
  const results = inPolicy.map((value) => {
    const pattern = operator.variables ? substitute(value, context, version) : wildcards(value);
    return pattern && operator.equals(pattern, inRequest);
  });
  return operator.negated ? results.every((result) => result === false) : results.some((result) => result === true);
}
