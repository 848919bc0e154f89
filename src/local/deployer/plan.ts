import { NestedLookup, nestedStacksIn, PlannedStack, refuseCircle } from './assembly/nested';
import { noTemplate } from './assembly/template-url';
import { DeployerError } from './errors';
import { PreparedTemplate } from './template/prepared';
import { StackIdentity, stackArn } from './template/pseudo';
import { referencesOf } from './template/references';
import { TemplateParameter } from './template/template';

/** The path of a resource, as messages have it, and its type. */
export type PlannedResource = readonly [string, string];

/**
 * Looks through a stack and those nested in it before any stack is begun, so that what cannot work is reported while nothing has
 * happened.
 *
 * @returns all resources; those of nested stacks with the path of their stack
 * @throws DeployerError for what CloudFormation's own validation would refuse
 */
export function lookThrough(root: PlannedStack, identity: StackIdentity, lookup: NestedLookup): PlannedResource[] {
  return resourcesOf(root, identity, new PreparedTemplate(root.template, identity, root.parameters), lookup, []);
}

function resourcesOf(
  stack: PlannedStack, identity: StackIdentity, prepared: PreparedTemplate | undefined, lookup: NestedLookup, files: readonly string[],
): PlannedResource[] {
  const prefix = stack.within.length === 0 ? '' : `${stack.path}/`;
  const resources = [...prepared?.resources ?? Object.entries(stack.template.Resources ?? {})];
  const own = resources.map(([id, { Type }]) => [`${prefix}${id}`, Type] as const);
  const ids = new Set(resources.map(([id]) => id));
  const nested = nestedStacksIn(stack, lookup).filter(([id]) => ids.has(id)).flatMap(([id, { file, templateUrl, ...planned }]) => {
    // a URL that depends on resources is looked up when they are there
    if (templateUrl === undefined) return [];
    if (!file) throw new DeployerError(`nested stack ${planned.path}: ${noTemplate(templateUrl)}`);
    refuseCircle(planned.path, file.path, files);
    const inner = { ...planned, template: file.template };
    const stackName = `${identity.stackName}-${id}`;
    const innerIdentity = { ...identity, stackName, stackId: stackArn(stackName, identity.region, identity.account, 'planned') };
    return resourcesOf(inner, innerIdentity, prepareNested(inner, innerIdentity), lookup, [...files, file.path]);
  });
  return [...own, ...nested];
}

/** Undefined if it depends on the values of resources which of the stack's own resources there are. */
function prepareNested({ path, template, parameters, unknownParameters }: PlannedStack, identity: StackIdentity): PreparedTemplate | undefined {
  const undeclared = [...Object.keys(parameters), ...unknownParameters].filter((name) => template.Parameters?.[name] === undefined);
  if (undeclared.length > 0) throw new DeployerError(`nested stack ${path}: Parameters: [${undeclared.join(', ')}] do not exist in the template`);
  const undecided = referencesOf(template.Conditions, () => true, 'Conditions');
  if (unknownParameters.some((name) => undecided.has(name))) return undefined;
  const standIns = Object.fromEntries(unknownParameters.map((name) => [name, standInFor(template.Parameters![name])]));
  try {
    return new PreparedTemplate(template, identity, { ...parameters, ...standIns });
  } catch (error) {
    if (error instanceof DeployerError) throw new DeployerError(`nested stack ${path}: ${error.message}`);
    throw error;
  }
}

/** A value that a parameter may have, while its own is not known. */
function standInFor({ AllowedValues: allowed = [] }: TemplateParameter): string {
  return allowed.length > 0 ? String(allowed[0]) : 'known-later';
}
