import { isIP } from 'node:net';
import { Pair } from './pairs';
import { OneOrMore, PolicyDocument, Statement } from '../../../../src/local/iam/policy';

/** A rule of the simulator's own, which the evaluator does not have. */
export interface SimulatorRule {
  readonly name: string;
  /** The page of AWS that says otherwise, or says nothing of it. */
  readonly page: string;
  /** Whether the rule has a say about a pair. */
  readonly concerns: (pair: Pair, ignoredKeys: readonly string[]) => boolean;
  /**
   * The pair as the simulator reads it by this rule, on which both have to agree. Where there is none, the result of the
   * simulator says nothing about the rules of IAM.
   */
  readonly reading?: (pair: Pair, ignoredKeys: readonly string[]) => Pair;
}

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
const NOTHING = 'arn:aws:none:::none';

const NOT_IP = /NotIpAddress/;
const DATE = /Date/;
const ARN = /Arn/;
const NEWEST = '2012-10-17';
const EQUALITY = /String(Not)?Equals/;
const CHARACTER = /\$\{[*?$]\}/;
const CHARACTERS = /\$(\{[*?$]\})/g;
const ANY_IF_EXISTS = /^(ForAnyValue:.*)IfExists$/;

function inLowerCase(element: string): string {
  const segments = element.split(':');
  return [...segments.slice(0, 5).map((segment) => (/\$\{/.test(segment) ? segment : segment.toLowerCase())), ...segments.slice(5)].join(':');
}

/** In the order in which the readings follow from each other. */
export const SIMULATOR_RULES: readonly SimulatorRule[] = [
  {
    name: 'request resources with * stand for all that they cover',
    // a request is about one resource, whose name may have an asterisk
    page: `${GUIDE}/reference_policies_elements_resource.html`,
    concerns: ({ request }) => request.resource !== '*' && request.resource.includes('*'),
  },
  {
    name: 'no wildcard at the beginning of the resource part',
    // wildcards stand anywhere in a segment
    page: `${GUIDE}/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards`,
    concerns: (pair) => someElement(pair, (element) => beginsWithWildcard(element) || isOfOtherType(element, pair)),
    // what stands there is compared before all else, as it is written
    reading: (pair) => withElements(pair, (element) => (beginsWithWildcard(element) || isOfOtherType(element, pair) ? NOTHING : element)),
  },
  {
    name: 'global keys heard with every action',
    // each key says for which requests it exists; the caller of the evaluator gives those
    page: `${GUIDE}/reference_policies_condition-keys.html`,
    concerns: ({ request }, ignored) => Object.keys(request.context).some((key) => /^aws:(RequestTag|TagKeys|CalledVia|SourceArn|SourceAccount)/.test(key) && !ignored.includes(key)),
  },
  {
    name: 'unlisted keys taken as absent',
    page: `${GUIDE}/reference_policies_actions-resources-contextkeys.html`,
    concerns: (_, ignored) => ignored.length > 0,
    reading: (pair, ignored) => ({
      ...pair,
      request: { ...pair.request, context: Object.fromEntries(Object.entries(pair.request.context).filter(([key]) => !ignored.includes(key))) },
    }),
  },
  {
    name: 'segments before the resource part have no case',
    // the services compare ARNs as they are
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_ARN`,
    concerns: (pair) => someElement(pair, (element) => inLowerCase(element) !== element),
    reading: (pair) => withElements(pair, inLowerCase),
  },
  {
    name: 'variables in policies of the version 2008-10-17',
    page: `${GUIDE}/reference_policies_elements_version.html`,
    concerns: (pair) => documents(pair).some(({ Version }) => Version !== NEWEST),
    reading: (pair) => withDocuments(pair, (document) => ({ ...document, Version: NEWEST })),
  },
  {
    name: '${*}, ${?} and ${$} are no characters where wildcards are none',
    page: `${GUIDE}/reference_policies_variables.html#policy-vars-specialchars`,
    concerns: (pair) => someCondition(pair, (operator, value) => EQUALITY.test(operator) && CHARACTER.test(value)),
    reading: (pair) => withConditions(pair, (operator) => operator, (operator, value) => (EQUALITY.test(operator) ? value.replace(CHARACTERS, '${$}$1') : value)),
  },
  {
    name: 'ForAnyValue with IfExists does not hold without the key',
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_IfExists`,
    concerns: (pair) => someCondition(pair, (operator) => ANY_IF_EXISTS.test(operator)),
    reading: (pair) => withConditions(pair, (operator) => operator.replace(ANY_IF_EXISTS, '$1'), (_, value) => value),
  },
  {
    name: '0.0.0.0/0 covers the address 0.0.0.0 alone',
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_IPAddress`,
    concerns: (pair) => someCondition(pair, (_, value) => value === '0.0.0.0/0'),
    reading: (pair) => withConditions(pair, (operator) => operator, (_, value) => (value === '0.0.0.0/0' ? '0.0.0.0/32' : value)),
  },
  {
    name: 'NotIpAddress does not hold with an address of the other family',
    // all addresses but those named; AWS's own examples have both families in one list
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_IPAddress`,
    concerns: (pair) => someCondition(pair, (operator, value) => NOT_IP.test(operator) && isIP(value) !== 0),
    reading: (pair) => withConditions(pair, (operator) => operator, (operator, value, inRequest = '') => (
      NOT_IP.test(operator) && isIP(value) !== 0 && isIP(inRequest) !== 0 && isIP(inRequest) !== isIP(value) ? inRequest : value)),
  },
  {
    name: 'seconds since 1970 are milliseconds',
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_Date`,
    concerns: (pair) => someCondition(pair, (operator) => DATE.test(operator)),
    reading: (pair) => withConditions({ ...pair, request: { ...pair.request, context: inMilliseconds(pair.request.context) } },
      (operator) => operator, (operator, value) => (DATE.test(operator) ? milliseconds(value) : value)),
  },
  {
    name: 'ARNs in conditions are split at the colons of variables, too',
    page: `${GUIDE}/reference_policies_variables.html#policy-vars-wheretouse`,
    concerns: (pair) => someCondition(pair, (operator, value) => ARN.test(operator) && splitInVariable(value) !== value),
    reading: (pair) => withConditions(pair, (operator) => operator, (operator, value) => (ARN.test(operator) ? splitInVariable(value) : value)),
  },
  {
    name: 'what starts an ARN in a condition is not compared',
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_ARN`,
    concerns: (pair) => someCondition(pair, (operator, value) => ARN.test(operator) && !value.startsWith('arn:')),
    reading: (pair) => withConditions(pair, (operator) => operator, (operator, value) => (ARN.test(operator) ? value.replace(/^[^:]*(?=:)/, 'arn') : value)),
  },
  {
    name: 'an ARN of five segments in a condition has an empty sixth',
    page: `${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_ARN`,
    concerns: (pair) => someCondition(pair, (operator, value) => ARN.test(operator) && value.split(':').length === 5),
    reading: (pair) => withConditions(pair, (operator) => operator, (operator, value) => (ARN.test(operator) && value.split(':').length === 5 ? `${value}:` : value)),
  },
  {
    name: 'a short ARN in NotResource covers everything',
    // missing segments are `*`; the others count
    page: `${GUIDE}/reference_policies_elements_notresource.html`,
    concerns: (pair) => documents(pair).flatMap(statementsOf).some(({ NotResource }) => ([NotResource ?? []].flat() as string[]).some(isShort)),
    reading: (pair) => withStatements(pair, ({ NotResource, ...statement }) => ({
      ...statement, ...NotResource && { NotResource: ([NotResource].flat() as string[]).map((element) => (isShort(element) ? '*' : element)) },
    })),
  },
];

function isShort(element: string): boolean {
  return element !== '*' && element.split(':').length < 6;
}

function milliseconds(value: string): string {
  return /^\d{5,}$/.test(value) ? new Date(Number(value)).toISOString() : value;
}

function inMilliseconds(context: Pair['request']['context']): Pair['request']['context'] {
  return Object.fromEntries(Object.entries(context)
    .map(([key, value]) => [key, /(Time|date)$/.test(key) && typeof value === 'string' ? milliseconds(value) : value]));
}

/** Variables before the fifth colon as text. */
function splitInVariable(value: string): string {
  return value.replace(/\$(?=\{[^}]*:[^}]*\})/g, (dollar, at: number) => (value.slice(0, at).split(':').length < 6 ? '${$}' : dollar));
}

/** The resource part up to its first separator; nothing for buckets and objects. */
function resourceType(element: string): string {
  const [, , service, region, account, ...rest] = element.split(':');
  if (service === 's3' && region === '' && account === '') return '';
  return /^[^:/]*[:/]/.exec(rest.join(':'))?.[0] ?? '';
}

function beginsWithWildcard(element: string): boolean {
  return /[*?]|\$\{/.test(resourceType(element));
}

function isOfOtherType(element: string, { request }: Pair): boolean {
  return request.resource !== '*' && element.includes('${') && !request.resource.split(':').slice(5).join(':').startsWith(resourceType(element));
}

function documents({ policies, boundary }: Pair): readonly PolicyDocument[] {
  return boundary ? [...policies, boundary] : policies;
}

function someElement(pair: Pair, test: (element: string) => boolean): boolean {
  return documents(pair).flatMap(statementsOf)
    .some(({ Resource, NotResource }) => ([Resource ?? NotResource].flat() as string[]).some(test));
}

function withElements(pair: Pair, change: (element: string) => string): Pair {
  const each = (elements: OneOrMore<string>) => ([elements].flat() as string[]).map(change);
  return withStatements(pair, ({ Resource, NotResource, ...statement }) => ({
    ...statement, ...Resource ? { Resource: each(Resource) } : { NotResource: each(NotResource!) },
  }));
}

function someCondition(pair: Pair, test: (operator: string, value: string) => boolean): boolean {
  return documents(pair).flatMap(statementsOf).flatMap(({ Condition }) => Object.entries(Condition ?? {}))
    .some(([operator, keys]) => Object.values(keys).flat().some((value) => test(operator, value as string)));
}

function withConditions(
  pair: Pair, operator: (name: string) => string, value: (name: string, value: string, inRequest: string | undefined) => string,
): Pair {
  const inRequest = (key: string) => {
    const found = Object.entries(pair.request.context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
    return typeof found === 'string' ? found : undefined;
  };
  return withStatements(pair, ({ Condition, ...statement }) => {
    const Changed: Record<string, Record<string, OneOrMore<string>>> = {};
    for (const [name, keys] of Object.entries(Condition ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        // names of keys have no case, so another one keeps two conditions apart that come under the same name
        const free = key in (Changed[operator(name)] ?? {}) ? key.toUpperCase() : key;
        const changed = ([values].flat() as string[]).map((one) => value(name, one, inRequest(key)));
        Changed[operator(name)] = { ...Changed[operator(name)], [free]: changed };
      }
    }
    return { ...statement, ...Condition && { Condition: Changed } };
  });
}

function statementsOf({ Statement: statements }: PolicyDocument): readonly Statement[] {
  return [statements].flat() as Statement[];
}

function withStatements(pair: Pair, change: (statement: Statement) => Statement): Pair {
  return withDocuments(pair, (document) => ({ ...document, Statement: statementsOf(document).map(change) }));
}

function withDocuments(pair: Pair, change: (document: PolicyDocument) => PolicyDocument): Pair {
  return { ...pair, policies: pair.policies.map(change), ...pair.boundary && { boundary: change(pair.boundary) } };
}
