import { resolve } from 'node:path';
import { AssemblyStack } from '../assembly/assembly';
import { FileAsset, ObjectLocation } from '../assembly/assets';
import { isObject } from '../json';
import { FUNCTION_TYPE } from '../lambda/directory';
import { resolvePlaceholders, StackIdentity } from '../template/pseudo';

/** A file asset and one of the places where it belongs. */
export interface Publication {
  readonly asset: FileAsset;
  readonly location: ObjectLocation;
}

type Environment = Pick<StackIdentity, 'account' | 'region'>;

/** All places of a stack's file assets, with the placeholders filled in. */
export function locationsOf(stack: AssemblyStack, environment: Environment): Publication[] {
  return stack.assets.files.flatMap((asset) => asset.destinations.map(({ bucket, key }) => ({
    asset, location: { bucket: resolvePlaceholders(bucket, environment), key: resolvePlaceholders(key, environment) },
  })));
}

/**
 * What has to be uploaded for a stack: all but templates, which the deployer reads itself, and what is a function's code
 * and nothing else, which it takes from the assembly.
 */
export function publicationsOf(stack: AssemblyStack, environment: Environment): Publication[] {
  const { functionCode, rest } = textsOf(stack);
  return locationsOf(stack, environment).filter(({ asset, location }) => {
    if (resolve(asset.path) === resolve(stack.templatePath)) return false;
    return !functionCode.includes(location.key) || rest.includes(location.key);
  });
}

/** The template as text, functions' code apart from all else. */
function textsOf({ template }: AssemblyStack): { functionCode: string; rest: string } {
  const functionCode: unknown[] = [];
  const resources = Object.values(template.Resources ?? {}).map(({ Type: type, Properties: properties }) => {
    if (type !== FUNCTION_TYPE || !isObject(properties)) return properties;
    const { Code: code, ...others } = properties;
    functionCode.push(code);
    return others;
  });
  return { functionCode: JSON.stringify(functionCode), rest: JSON.stringify([resources, template.Outputs, template.Mappings]) };
}
