import { AssemblyStack } from './assembly';
import { AssetLookup, assetLookup, Environment } from './locations';
import { TemplateFile, templateAt } from './template-url';
import { STACK_TYPE } from '../engine/events';
import { DeployerError } from '../errors';
import { isObject } from '../json';
import { TemplateError } from '../template/error';
import { evaluate, Scope } from '../template/evaluate';
import { parameterValues } from '../template/parameters';
import { pseudoParameter } from '../template/pseudo';
import { Template, TemplateResource } from '../template/template';

/** A stack as its templates describe it, before anything is deployed. */
export interface PlannedStack {
  /** What messages call it: `Stack/Nested`, by constructs if the template has their paths, else by logical ids. */
  readonly path: string;
  /** The logical ids of the nested stacks that it is in, and its own; empty for a stack of the app. */
  readonly within: readonly string[];
  readonly template: Template;
  /** The values of parameters that are known beforehand. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The parameters whose values come from resources. */
  readonly unknownParameters: readonly string[];
}

/** A nested stack whose template may have been found. */
export interface PlannedNestedStack extends Omit<PlannedStack, 'template'> {
  /** Undefined if it depends on resources. */
  readonly templateUrl?: string;
  /** Undefined if the assembly has no such template. */
  readonly file?: TemplateFile;
}

/** A nested stack with its template. */
export interface FoundNestedStack extends PlannedStack {
  /** Where the template is. */
  readonly file: string;
}

/** What nested templates are looked up with. */
export interface NestedLookup {
  readonly environment: Environment;
  readonly assets: AssetLookup;
}

/** A stack of an assembly with all parameters known. */
export function plannedStack({ displayName, template, parameters }: AssemblyStack): PlannedStack {
  return { path: displayName, within: [], template, parameters, unknownParameters: [] };
}

/** The stacks nested in a stack of an assembly whose templates it has, at all levels. */
export function nestedStacksOf(stack: AssemblyStack, environment: Environment): FoundNestedStack[] {
  return allNested(plannedStack(stack), { environment, assets: assetLookup(stack, environment) }, []);
}

/** The nested stacks that a template declares itself, whatever their conditions. */
export function nestedStacksIn(parent: PlannedStack, { environment, assets }: NestedLookup): (readonly [string, PlannedNestedStack])[] {
  const scope = scopeOf(parent, environment);
  return Object.entries(parent.template.Resources ?? {}).filter(([, { Type }]) => Type === STACK_TYPE).map(([logicalId, resource]) => {
    const { TemplateURL: url, Parameters: given } = resource.Properties ?? {};
    const templateUrl = knownText(url, scope);
    const values = Object.entries(isObject(given) ? given : {}).map(([name, value]) => [name, knownText(value, scope)] as const);
    return [logicalId, {
      path: pathOf(parent.path, logicalId, resource),
      within: [...parent.within, logicalId],
      templateUrl,
      file: templateUrl === undefined ? undefined : templateAt(templateUrl, assets),
      parameters: Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined)),
      unknownParameters: values.filter(([, value]) => value === undefined).map(([name]) => name),
    }];
  });
}

function allNested(parent: PlannedStack, lookup: NestedLookup, files: readonly string[]): FoundNestedStack[] {
  return nestedStacksIn(parent, lookup).flatMap(([, { file, ...nested }]) => {
    if (!file) return [];
    refuseCircle(nested.path, file.path, files);
    const planned = { ...nested, template: file.template, file: file.path };
    return [planned, ...allNested(planned, lookup, [...files, file.path])];
  });
}

/** @throws DeployerError where a template is nested in itself */
export function refuseCircle(path: string, file: string, files: readonly string[]): void {
  if (files.includes(file)) throw new DeployerError(`nested stack ${path}: its template ${file} is nested in itself`);
}

/** The construct of a nested stack: the resource of `Parent/Name` is at `Parent/Name.NestedStack/Name.NestedStackResource`. */
function pathOf(parentPath: string, logicalId: string, { Metadata: metadata }: TemplateResource): string {
  const path = metadata?.['aws:cdk:path'];
  const construct = typeof path === 'string' ? /^(.+)\.NestedStack\/[^/]+\.NestedStackResource$/.exec(path)?.[1] : undefined;
  return construct ?? `${parentPath}/${logicalId}`;
}

function knownText(value: unknown, scope: Scope): string | undefined {
  try {
    const known = evaluate(value, scope, '');
    return ['string', 'number', 'boolean'].includes(typeof known) ? String(known) : undefined;
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}

/** Knows pseudo parameters that are the same for all stacks of an environment, and parameters. */
function scopeOf({ template, parameters, unknownParameters }: PlannedStack, environment: Environment): Scope {
  const unknown = (place: string): never => {
    throw new TemplateError(place, 'is not known beforehand');
  };
  const declared = Object.entries(template.Parameters ?? {}).filter(([name, { Default }]) =>
    !unknownParameters.includes(name) && (parameters[name] ?? Default) !== undefined);
  const values = parameterValues({ Parameters: Object.fromEntries(declared) }, parameters);
  const names = ['AWS::StackName', 'AWS::StackId'];
  return {
    region: environment.region,
    ref: (name) => (names.includes(name) ? undefined : pseudoParameter(name, { ...environment, stackName: '', stackId: '' })) ?? values[name],
    attribute: (_id, _name, place) => unknown(place),
    condition: (_name, place) => unknown(place),
    importValue: (_name, place) => unknown(place),
    mapping: (map, first, second) => template.Mappings?.[map]?.[first]?.[second],
  };
}
