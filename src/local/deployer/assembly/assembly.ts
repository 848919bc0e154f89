import { join } from 'node:path';
import { DeployerError } from '../errors';
import { listed } from '../json';
import { Assets, readAssets } from './assets';
import { Artifact, readJson, readManifest } from './manifest';
import { Template } from '../template/template';

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  /** The artifact's id, unique in its assembly. */
  readonly id: string;
  /** What CloudFormation calls the stack. */
  readonly stackName: string;
  /** How `cdk ls` shows it: `Stage/Stack`. */
  readonly displayName: string;
  /** Undefined where the app leaves it open. */
  readonly region?: string;
  readonly templatePath: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** Those of the stack, which its resources get too. */
  readonly tags: Readonly<Record<string, string>>;
  readonly assets: Assets;
  /** Ids of the stacks that have to be there first. */
  readonly dependencies: readonly string[];
}

/**
 * The stacks of a cloud assembly and of the assemblies nested in it (stages), each after those that it depends on.
 *
 * @throws DeployerError where there is no assembly, or none of the wanted names is a stack of it
 */
export function readAssembly(directory: string): AssemblyStack[] {
  return inOrder(stacksOf(directory));
}

function stacksOf(directory: string): AssemblyStack[] {
  const { artifacts } = readManifest(directory);
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    if (artifact.type === 'cdk:cloud-assembly' && artifact.properties?.directoryName) {
      return stacksOf(join(directory, artifact.properties.directoryName));
    }
    return artifact.type === 'aws:cloudformation:stack' ? [stackOf(directory, id, artifact, artifacts)] : [];
  });
}

function stackOf(directory: string, id: string, artifact: Artifact, artifacts: Readonly<Record<string, Artifact>>): AssemblyStack {
  const properties = artifact.properties ?? {};
  const templatePath = join(directory, properties.templateFile ?? `${id}.template.json`);
  const manifests = (artifact.dependencies ?? []).map((name) => artifacts[name])
    .filter((dependency) => dependency?.type === 'cdk:asset-manifest' && dependency.properties?.file !== undefined)
    .map((dependency) => readAssets(directory, dependency.properties!.file!));
  return {
    id,
    stackName: properties.stackName ?? id,
    displayName: artifact.displayName ?? id,
    region: regionOf(artifact.environment),
    templatePath,
    template: readJson(templatePath, `the template of stack ${id} is missing; run \`cdk synth\` again`) as Template,
    parameters: properties.parameters ?? {},
    tags: properties.tags ?? {},
    assets: { files: manifests.flatMap(({ files }) => files), images: manifests.flatMap(({ images }) => images) },
    dependencies: (artifact.dependencies ?? []).filter((name) => artifacts[name]?.type === 'aws:cloudformation:stack'),
  };
}

/** The region of `aws://account/region`. */
function regionOf(environment: string | undefined): string | undefined {
  const region = /^aws:\/\/[^/]+\/(.+)$/.exec(environment ?? '')?.[1];
  return region === 'unknown-region' ? undefined : region;
}

function inOrder(stacks: readonly AssemblyStack[]): AssemblyStack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const ordered = new Set<AssemblyStack>();
  const visiting = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack) => {
    if (ordered.has(stack)) return;
    if (visiting.has(stack)) throw new DeployerError(`stacks depend on each other in a circle: ${[...visiting].map(({ id }) => id).join(' -> ')} -> ${stack.id}`);
    visiting.add(stack);
    for (const id of stack.dependencies) {
      const dependency = byId.get(id);
      if (dependency) visit(dependency);
    }
    visiting.delete(stack);
    ordered.add(stack);
  };
  stacks.forEach(visit);
  return [...ordered];
}

/** The stacks that are called by the given names (id, stack name, or `Stage/Stack`); all where no name is given. */
export function selectStacks(stacks: readonly AssemblyStack[], names: readonly string[] | undefined): AssemblyStack[] {
  if (names === undefined || names.length === 0) return [...stacks];
  const isCalled = (stack: AssemblyStack, name: string) => [stack.id, stack.stackName, stack.displayName].includes(name);
  const missing = names.filter((name) => !stacks.some((stack) => isCalled(stack, name)));
  if (missing.length > 0) {
    throw new DeployerError(`the assembly has no stack called ${listed(missing)}; it has ${listed(stacks.map(({ displayName }) => displayName)) || 'none'}`);
  }
  return stacks.filter((stack) => names.some((name) => isCalled(stack, name)));
}

/** The given stacks together with all that they depend on, in the assembly's order. */
export function withDependencies(stacks: readonly AssemblyStack[], selected: readonly AssemblyStack[]): AssemblyStack[] {
  const wanted = new Set(selected.map(({ id }) => id));
  // dependencies stand before their dependents, so one pass from the end finds them all
  for (const stack of [...stacks].reverse()) {
    if (wanted.has(stack.id)) stack.dependencies.forEach((id) => wanted.add(id));
  }
  return stacks.filter(({ id }) => wanted.has(id));
}
