import { isObject } from '../json';
import { TemplateError } from './error';
import { parseSub } from './sub';

/** What a template's intrinsic functions look up. */
export interface Scope {
  readonly region: string;
  /** A pseudo parameter, a parameter, or the physical id of a resource; undefined where the template has no such name. */
  ref(name: string, place: string): unknown;
  attribute(logicalId: string, name: string, place: string): unknown;
  condition(name: string, place: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
  importValue(name: string, place: string): string;
}

/** Stands for `AWS::NoValue`: whatever holds it leaves it out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * A value of a template with all its intrinsic functions replaced by what they come to.
 *
 * @returns undefined where the value as a whole is `AWS::NoValue`
 * @throws TemplateError naming the place
 */
export function evaluate(value: unknown, scope: Scope, place: string): unknown {
  const result = valueOf(value, scope, place);
  return result === NO_VALUE ? undefined : result;
}

function valueOf(value: unknown, scope: Scope, place: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => valueOf(item, scope, `${place}[${i}]`)).filter((item) => item !== NO_VALUE);
  if (typeof value === 'string') return withoutDynamicReference(value, place);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  if (keys.length === 1) {
    if (Object.hasOwn(INTRINSICS, keys[0])) return INTRINSICS[keys[0]](value[keys[0]], scope, `${place}.${keys[0]}`);
    if (keys[0].startsWith('Fn::')) {
      throw new TemplateError(place, `${keys[0]} cannot be evaluated locally; known are ${Object.keys(INTRINSICS).join(', ')}`);
    }
  }
  return Object.fromEntries(keys
    .map((key) => [key, valueOf(value[key], scope, `${place}.${key}`)])
    .filter(([, item]) => item !== NO_VALUE));
}

type Intrinsic = (argument: unknown, scope: Scope, place: string) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'Ref': (name, scope, place) => (name === 'AWS::NoValue' ? NO_VALUE : reference(text(name, place), scope, place)),
  'Fn::GetAtt': (argument, scope, place) => {
    const [logicalId, attribute] = splitGetAtt(argument, place);
    return scope.attribute(logicalId, text(valueOf(attribute, scope, place), place), place);
  },
  'Fn::Join': (argument, scope, place) => {
    const [separator, items] = list(argument, 2, place);
    return listOf(valueOf(items, scope, place), place).map((item) => text(item, place)).join(text(separator, place));
  },
  'Fn::Split': (argument, scope, place) => {
    const [separator, source] = list(argument, 2, place);
    return text(valueOf(source, scope, place), place).split(text(separator, place));
  },
  'Fn::Select': (argument, scope, place) => {
    const [index, items] = list(argument, 2, place);
    const at = Number(text(valueOf(index, scope, place), place));
    const from = listOf(valueOf(items, scope, place), place);
    if (!Number.isInteger(at) || at < 0 || at >= from.length) {
      throw new TemplateError(place, `index ${String(at)} is not one of the ${from.length} items of the list`);
    }
    return from[at];
  },
  'Fn::Sub': (argument, scope, place) => {
    const [source, variables] = Array.isArray(argument) ? list(argument, 2, place) : [argument, {}];
    if (!isObject(variables)) throw new TemplateError(place, 'the second argument of Fn::Sub is not a map of variables');
    return withoutDynamicReference(parseSub(text(source, place)).map((part) => {
      if ('text' in part) return part.text;
      const name = part.reference;
      if (Object.hasOwn(variables, name)) return text(valueOf(variables[name], scope, `${place}.${name}`), place);
      const dot = name.indexOf('.');
      return text(dot < 0 ? reference(name, scope, place) : scope.attribute(name.slice(0, dot), name.slice(dot + 1), place), place);
    }).join(''), place);
  },
  'Fn::If': (argument, scope, place) => {
    const [condition, then, otherwise] = list(argument, 3, place);
    return valueOf(scope.condition(text(condition, place), place) ? then : otherwise, scope, place);
  },
  'Fn::Equals': (argument, scope, place) => {
    const [left, right] = list(argument, 2, place).map((item) => valueOf(item, scope, place));
    return comparable(left) === comparable(right);
  },
  'Fn::And': (argument, scope, place) => operands(argument, scope, place).every(Boolean),
  'Fn::Or': (argument, scope, place) => operands(argument, scope, place).some(Boolean),
  'Fn::Not': (argument, scope, place) => !operands(argument, scope, place)[0],
  'Fn::FindInMap': (argument, scope, place) => {
    const [map, first, second, options] = listOf(argument, place).map((item) => valueOf(item, scope, place));
    const found = scope.mapping(text(map, place), text(first, place), text(second, place));
    if (found !== undefined) return found;
    if (isObject(options) && 'DefaultValue' in options) return options.DefaultValue;
    throw new TemplateError(place, `mapping ${text(map, place)} has no entry ${text(first, place)}.${text(second, place)}`);
  },
  'Fn::Base64': (argument, scope, place) => Buffer.from(text(valueOf(argument, scope, place), place), 'utf8').toString('base64'),
  'Fn::GetAZs': (argument, scope, place) => {
    const region = text(valueOf(argument, scope, place), place) || scope.region;
    return ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
  },
  'Fn::ImportValue': (argument, scope, place) => scope.importValue(text(valueOf(argument, scope, place), place), place),
  'Fn::Transform': (_argument, _scope, place) => {
    throw new TemplateError(place, 'transforms run in CloudFormation only; leave them out of what is deployed locally');
  },
};

function reference(name: string, scope: Scope, place: string): unknown {
  const value = scope.ref(name, place);
  if (value === undefined) throw new TemplateError(place, `${name} is neither a parameter nor a resource of the template`);
  return value;
}

/** The two parts of `Fn::GetAtt`, which also comes as `LogicalId.Attribute`. */
export function splitGetAtt(argument: unknown, place: string): [string, unknown] {
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, ...rest] = listOf(argument, place);
  if (typeof logicalId !== 'string' || rest.length === 0) throw new TemplateError(place, 'Fn::GetAtt needs a logical id and an attribute name');
  return [logicalId, rest.length === 1 ? rest[0] : rest.join('.')];
}

function operands(argument: unknown, scope: Scope, place: string): boolean[] {
  return listOf(argument, place).map((item) => evaluateCondition(item, scope, place));
}

/** The truth of the definition of a condition. */
export function evaluateCondition(definition: unknown, scope: Scope, place: string): boolean {
  if (isObject(definition) && Object.keys(definition).length === 1 && 'Condition' in definition) {
    return scope.condition(text(definition.Condition, place), place);
  }
  const value = valueOf(definition, scope, place);
  if (String(value) !== 'true' && String(value) !== 'false') throw new TemplateError(place, `${JSON.stringify(value)} is neither true nor false`);
  return String(value) === 'true';
}

function comparable(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TemplateError(place, `${JSON.stringify(value) ?? 'AWS::NoValue'} is not a list`);
  return value;
}

function list(value: unknown, length: number, place: string): readonly unknown[] {
  const items = listOf(value, place);
  if (items.length !== length) throw new TemplateError(place, `${items.length} arguments where ${length} are needed`);
  return items;
}

function text(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(place, `${value === NO_VALUE ? 'AWS::NoValue' : JSON.stringify(value)} is not a string`);
}

function withoutDynamicReference(value: string, place: string): string {
  const found = /\{\{resolve:[^}]*\}\}/.exec(value);
  if (found) throw new TemplateError(place, `${found[0]} names a value that only AWS holds; give the local deployment a plain value`);
  return value;
}
