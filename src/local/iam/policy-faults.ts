import { OPERATORS, readOperatorName } from './conditions/operators';
import { VERSION_WITH_VARIABLES } from './variables';

type Json = Readonly<Record<string, unknown>>;

const VERSIONS = [VERSION_WITH_VARIABLES, '2008-10-17'];
const ELEMENTS = ['Version', 'Id', 'Statement'];
const STATEMENT_ELEMENTS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];
const SID = /^[A-Za-z0-9]*$/;
const ACTION = /^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+)$/;
// with what stands for missing segments; no service by wildcard
const ARN = /^arn:([^:]+)(:([A-Za-z0-9-]+)(:.*)?)?$/s;
const KEY = /^[^\s:]+:\S(.*\S)?$/;

/** What IAM would not take of a policy of an identity, each with the number of its statement; none if all is well. */
export function faultsOf(policy: unknown): string[] {
  if (!isObject(policy)) return [`is ${shown(policy)}, but has to be an object with a Statement`];
  const { Version, Id, Statement } = policy;
  const statements = Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement];
  const sids = statements.filter(isObject).map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== '');
  return [
    ...unknownElements(policy, ELEMENTS),
    ...Version !== undefined && !VERSIONS.includes(Version as string) ? [`has the Version ${shown(Version)}, but only ${VERSIONS.join(' and ')} exist`] : [],
    ...Id !== undefined && typeof Id !== 'string' ? [`has the Id ${shown(Id)}, but it has to be a text`] : [],
    ...statements.length === 0 ? ['has no Statement; add one'] : [],
    ...statements.flatMap((statement, index) => statementFaults(statement).map((fault) => `statement ${index + 1} ${fault}`)),
    ...sids.filter((sid, index) => sids.indexOf(sid) !== index).map((sid) => `has the Sid ${shown(sid)} twice, but each has to be unique`),
  ];
}

function statementFaults(statement: unknown): string[] {
  if (!isObject(statement)) return [`is ${shown(statement)}, but has to be an object`];
  const { Sid, Effect, Condition, ...others } = statement;
  const foreign = ['Principal', 'NotPrincipal'].filter((element) => element in others);
  return [
    ...foreign.map((element) => `has a ${element}, which a policy of an identity must not have; remove it`),
    ...unknownElements(statement, [...STATEMENT_ELEMENTS, ...foreign]),
    ...Sid !== undefined && !(typeof Sid === 'string' && SID.test(Sid)) ? [`has the Sid ${shown(Sid)}, but only letters and digits are allowed`] : [],
    ...Effect !== 'Allow' && Effect !== 'Deny' ? [`has the Effect ${shown(Effect)}, but it has to be Allow or Deny`] : [],
    ...oneOf(others, 'Action', 'NotAction', actionFault),
    ...oneOf(others, 'Resource', 'NotResource', resourceFault),
    ...Condition === undefined ? [] : conditionFaults(Condition),
  ];
}

function oneOf(statement: Json, element: string, not: string, fault: (value: string) => string | undefined): string[] {
  const given = [element, not].filter((name) => statement[name] !== undefined);
  if (given.length !== 1) return [`has ${given.length === 0 ? 'neither' : 'both'} ${element} ${given.length === 0 ? 'nor' : 'and'} ${not}, but needs one of them`];
  const values = listed(statement[given[0]]);
  if (values.length === 0) return [`has no value in ${given[0]}; add one`];
  return values.flatMap((value) => {
    const wrong = typeof value === 'string' ? fault(value) : 'but it has to be a text';
    return wrong === undefined ? [] : [`has the ${given[0]} ${shown(value)}, ${wrong}`];
  });
}

function actionFault(action: string): string | undefined {
  if (ACTION.test(action)) return undefined;
  return action.includes(':')
    ? 'but an action is a service without wildcards, one colon and a name, such as s3:Get*'
    : 'which lacks its service; write * or a service, a colon and a name, such as s3:GetObject';
}

function resourceFault(resource: string): string | undefined {
  if (resource === '*') return undefined;
  if (!resource.startsWith('arn:')) return 'but it has to be an ARN or *';
  return ARN.test(resource) ? undefined : 'but its partition must not be empty, and its service must be written out, without wildcards';
}

function conditionFaults(conditions: unknown): string[] {
  if (!isObject(conditions)) return [`has the Condition ${shown(conditions)}, but it has to be an object of operators`];
  return Object.entries(conditions).flatMap(([name, keys]) => {
    const operator = readOperatorName(name);
    if (!operator) return [`has the condition operator ${shown(name)}, which does not exist; those of AWS are ${Object.keys(OPERATORS).join(', ')}`];
    if (!isObject(keys)) return [`has ${shown(keys)} at ${name}, but it has to be an object of condition keys`];
    return Object.entries(keys).flatMap(([key, values]) => [
      ...KEY.test(key) ? [] : [`has the condition key ${shown(key)}, which lacks its service; write a service, a colon and a name, such as aws:SourceAccount`],
      ...listed(values).flatMap((value) => valueFault(operator.base, key, value)),
    ]);
  });
}

function valueFault(base: string, key: string, value: unknown): string[] {
  const { form } = OPERATORS[base];
  const scalar = ['string', 'number', 'boolean'].includes(typeof value);
  if (scalar && (form === undefined || form.test(String(value)))) return [];
  return [`has the value ${shown(value)} for ${key} at ${base}, but it has to be ${form?.what ?? 'a text'}`];
}

function unknownElements(object: Json, known: string[]): string[] {
  return Object.keys(object).filter((element) => !known.includes(element))
    .map((element) => `has the element ${shown(element)}, which does not exist; those of AWS are ${known.join(', ')}`);
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
