import { ResourceRecord, StackState } from '../deployer/engine/state';
import { isObject, JsonObject } from '../deployer/json';
import { RULE_TYPE } from '../deployer/resources/stand-ins';

/** What a rule does about an event: which function it calls, and with what. */
export interface RuleTarget {
  readonly arn: string;
  readonly input: unknown;
}

/** What EventBridge puts in place of the whole event. */
const WHOLE_EVENT = '<aws.events.event.json>';

/** The functions that the rules of a stack call for an event; patterns of lists of values and prefixes, which is what our own rules have. */
export function targetsOf(stack: StackState, event: JsonObject): RuleTarget[] {
  const isRule = ({ type, properties }: ResourceRecord) => type === RULE_TYPE && properties.State !== 'DISABLED';
  return Object.values(stack.resources)
    .filter((record) => isRule(record) && isObject(record.properties.EventPattern) && matches(record.properties.EventPattern, event))
    .flatMap(({ properties }) => (Array.isArray(properties.Targets) ? properties.Targets : []))
    .map((target: JsonObject) => ({ arn: String(target.Arn), input: inputOf(target, event) }))
    .filter(({ arn }) => /^arn:[^:]+:lambda:/.test(arn));
}

function matches(pattern: JsonObject, event: unknown): boolean {
  if (!isObject(event)) return false;
  return Object.entries(pattern).every(([key, wanted]) => {
    if (Array.isArray(wanted)) return wanted.some((each) => each === event[key] || (isObject(each) && typeof each.prefix === 'string' && String(event[key]).startsWith(each.prefix)));
    return isObject(wanted) && matches(wanted, event[key]);
  });
}

function inputOf({ Input: input, InputTransformer: transformer }: JsonObject, event: JsonObject): unknown {
  if (typeof input === 'string') return JSON.parse(input);
  if (!isObject(transformer) || typeof transformer.InputTemplate !== 'string') return event;
  return JSON.parse(transformer.InputTemplate.split(WHOLE_EVENT).join(JSON.stringify(event)));
}
