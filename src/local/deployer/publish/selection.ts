import { resolve } from 'node:path';
import { AssemblyStack } from '../assembly/assembly';
import { Environment, locationsOf, Publication } from '../assembly/locations';
import { nestedStacksOf } from '../assembly/nested';
import { isObject } from '../json';
import { FUNCTION_TYPE } from '../lambda/directory';
import { Template } from '../template/template';

/**
 * What has to be uploaded for a stack and those nested in it: all but templates, which the deployer reads itself, and what is a function's code
 * and nothing else, which it takes from the assembly.
 */
export function publicationsOf(stack: AssemblyStack, environment: Environment): Publication[] {
  const nested = nestedStacksOf(stack, environment);
  const { functionCode, rest } = textsOf([stack.template, ...nested.map(({ template }) => template)]);
  const templates = [stack.templatePath, ...nested.map(({ file }) => file)].map((file) => resolve(file));
  return locationsOf(stack, environment).filter(({ asset, location }) => {
    if (templates.includes(resolve(asset.path))) return false;
    return !functionCode.includes(location.key) || rest.includes(location.key);
  });
}

/** The templates as text, functions' code apart from all else. */
function textsOf(templates: readonly Template[]): { functionCode: string; rest: string } {
  const functionCode: unknown[] = [];
  const all = templates.flatMap((template) => Object.values(template.Resources ?? {}));
  const resources = all.map(({ Type: type, Properties: properties }) => {
    if (type !== FUNCTION_TYPE || !isObject(properties)) return properties;
    const { Code: code, ...others } = properties;
    functionCode.push(code);
    return others;
  });
  const others = templates.map(({ Outputs, Mappings }) => [Outputs, Mappings]);
  return { functionCode: JSON.stringify(functionCode), rest: JSON.stringify([resources, others]) };
}
