import { isObject } from '../json';
import { splitGetAtt } from './evaluate';
import { parseSub } from './sub';

/** Names of resources, parameters and pseudo parameters that a value needs, each with the place of its first use. */
export type References = Map<string, string>;

/**
 * What a value of a template refers to; of `Fn::If` only the branch that counts.
 */
export function referencesOf(
  value: unknown, condition: (name: string, place: string) => boolean, place: string, found: References = new Map(),
): References {
  const add = (name: string, at: string) => {
    if (!found.has(name)) found.set(name, at);
  };
  if (Array.isArray(value)) {
    value.forEach((item, i) => referencesOf(item, condition, `${place}[${i}]`, found));
    return found;
  }
  if (!isObject(value)) return found;
  const [key, ...others] = Object.keys(value);
  const argument = value[key];
  const at = `${place}.${key}`;
  if (key === undefined || others.length > 0) {
    Object.entries(value).forEach(([name, item]) => referencesOf(item, condition, `${place}.${name}`, found));
  } else if (key === 'Ref' && typeof argument === 'string') {
    add(argument, at);
  } else if (key === 'Fn::GetAtt') {
    const [logicalId, attribute] = splitGetAtt(argument, at);
    add(logicalId, at);
    referencesOf(attribute, condition, at, found);
  } else if (key === 'Fn::Sub') {
    const [source, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = isObject(variables) ? variables : {};
    for (const part of parseSub(String(source))) {
      if ('reference' in part && !Object.hasOwn(own, part.reference)) add(part.reference.split('.')[0], at);
    }
    referencesOf(own, condition, at, found);
  } else if (key === 'Fn::If' && Array.isArray(argument) && argument.length === 3) {
    referencesOf(condition(String(argument[0]), at) ? argument[1] : argument[2], condition, at, found);
  } else {
    referencesOf(argument, condition, at, found);
  }
  return found;
}
