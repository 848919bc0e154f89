import { isIP } from 'node:net';
import { coversArn } from '../arn';
import { covers, Pattern, plainText } from '../wildcard';
import { inRange, isRange } from './ip-range';
import { bool, date, number } from './values';

/** How a condition operator compares one value of the policy with one of the request. */
export interface Operator {
  /** Holds where no value of the policy equals that of the request. */
  readonly negated: boolean;
  /** Whether values of the policy may have variables. */
  readonly variables: boolean;
  /** What a value of the policy has to be, or undefined where each will do. */
  readonly form?: { readonly what: string; readonly test: (value: string) => boolean };
  /** @returns undefined where a value is none of the operator's kind; such a condition does not hold, negated or not */
  readonly equals: (inPolicy: Pattern, inRequest: string) => boolean | undefined;
}

/** The operator that looks at whether a key is there, and at no value. */
export const NULL = 'Null';

const BOOL = { what: 'true or false', test: (value: string) => bool(value) !== undefined };
const NUMBER = { what: 'a number', test: (value: string) => number(value) !== undefined };
const DATE = { what: 'a date as of ISO 8601 or seconds since 1970', test: (value: string) => date(value) !== undefined };
const RANGE = { what: 'an IP address or a range of them such as 10.0.0.0/8', test: isRange };

function texts(negated: boolean, equals: (inPolicy: Pattern, inRequest: string) => boolean): Operator {
  return { negated, variables: true, equals };
}

function arns(negated: boolean): Operator {
  return { negated, variables: true, equals: coversArn };
}

function ordered(parse: (value: string) => number | undefined, form: Operator['form'], compare: (difference: number) => boolean, negated = false): Operator {
  return {
    negated,
    variables: false,
    form,
    equals: (inPolicy, inRequest) => {
      const value = parse(inRequest);
      const limit = parse(plainText(inPolicy));
      return value === undefined || limit === undefined ? undefined : compare(value - limit);
    },
  };
}

function inOrder(kind: string, parse: (value: string) => number | undefined, form: Operator['form']): Record<string, Operator> {
  return {
    [`${kind}Equals`]: ordered(parse, form, (difference) => difference === 0),
    [`${kind}NotEquals`]: ordered(parse, form, (difference) => difference === 0, true),
    [`${kind}LessThan`]: ordered(parse, form, (difference) => difference < 0),
    [`${kind}LessThanEquals`]: ordered(parse, form, (difference) => difference <= 0),
    [`${kind}GreaterThan`]: ordered(parse, form, (difference) => difference > 0),
    [`${kind}GreaterThanEquals`]: ordered(parse, form, (difference) => difference >= 0),
  };
}

function addresses(negated: boolean): Operator {
  return {
    negated,
    variables: false,
    form: RANGE,
    equals: (inPolicy, inRequest) => (isIP(inRequest) ? inRange(plainText(inPolicy), inRequest) : undefined),
  };
}

const same = (inPolicy: Pattern, inRequest: string) => plainText(inPolicy) === inRequest;
const sameInAnyCase = (inPolicy: Pattern, inRequest: string) => plainText(inPolicy).toLowerCase() === inRequest.toLowerCase();

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: texts(false, same),
  StringNotEquals: texts(true, same),
  StringEqualsIgnoreCase: texts(false, sameInAnyCase),
  StringNotEqualsIgnoreCase: texts(true, sameInAnyCase),
  StringLike: texts(false, covers),
  StringNotLike: texts(true, covers),
  ...inOrder('Numeric', number, NUMBER),
  ...inOrder('Date', date, DATE),
  Bool: {
    negated: false,
    variables: false,
    form: BOOL,
    equals: (inPolicy, inRequest) => bool(plainText(inPolicy)) === bool(inRequest) && bool(inRequest) !== undefined,
  },
  // both are texts in Base64
  BinaryEquals: { negated: false, variables: false, equals: same },
  IpAddress: addresses(false),
  NotIpAddress: addresses(true),
  ArnEquals: arns(false),
  ArnLike: arns(false),
  ArnNotEquals: arns(true),
  ArnNotLike: arns(true),
  [NULL]: { negated: false, variables: false, form: BOOL, equals: () => undefined },
};

/** What the name of an operator says: for which values of a key of several it has to hold, and if the key is missing. */
export interface OperatorName {
  readonly set?: 'ForAllValues' | 'ForAnyValue';
  readonly base: string;
  readonly ifExists: boolean;
}

/** @returns undefined for a name that is none */
export function readOperatorName(name: string): OperatorName | undefined {
  const [, set, base, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
  if (base === undefined || !Object.hasOwn(OPERATORS, base) || (base === NULL && ifExists)) return undefined;
  return { ...(set && { set: set as OperatorName['set'] }), base, ifExists: ifExists !== undefined };
}
