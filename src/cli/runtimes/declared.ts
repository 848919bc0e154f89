import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRuntimeType } from '../../client/stacks/stack-runtimes';
import { AssemblyStack, readAssembly } from '../../local/deployer/assembly/assembly';
import { nestedStacksOf, plannedStack } from '../../local/deployer/assembly/nested';
import { DEFAULT_REGION, LOCAL_ACCOUNT } from '../../local/identity';

/** Where `cdk synth` writes unless told otherwise. */
export const DEFAULT_ASSEMBLY = 'cdk.out';

/** A runtime as the template of a stack declares it. */
export interface DeclaredRuntime {
  readonly stackName: string;
  readonly logicalId: string;
  /** The logical ids of the nested stacks that it is in, from the outermost; empty for runtimes of the stack itself. */
  readonly within: readonly string[];
  /** The path of the construct, `Stack/Agent`; absent where the app was synthesized without paths. */
  readonly path?: string;
}

/** A stack of a cloud assembly with its runtimes, and those of stacks nested in it. */
export interface DeclaredStack {
  readonly stackName: string;
  /** How else the stack may be called: its id, and `Stage/Stack`. */
  readonly names: readonly string[];
  /** Undefined where the app leaves it open. */
  readonly region?: string;
  readonly runtimes: readonly DeclaredRuntime[];
}

/**
 * The stacks of a cloud assembly.
 *
 * @param directory where it is; `cdk.out` if left out, which then need not be there
 * @throws DeployerError where a directory that was named is none, or cannot be read
 */
export function declaredStacks(directory?: string): DeclaredStack[] {
  if (directory === undefined && !existsSync(join(DEFAULT_ASSEMBLY, 'manifest.json'))) return [];
  return readAssembly(resolve(directory ?? DEFAULT_ASSEMBLY)).map(declared);
}

function declared(stack: AssemblyStack): DeclaredStack {
  const { id, stackName, displayName, region } = stack;
  const nested = nestedStacksOf(stack, { region: region ?? DEFAULT_REGION, account: LOCAL_ACCOUNT });
  const runtimes = [plannedStack(stack), ...nested].flatMap(({ template, within }) => Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => isRuntimeType(Type))
    .map(([logicalId, resource]) => ({ stackName, logicalId, within, path: pathOf(resource) })));
  return { stackName, names: [id, stackName, displayName], region, runtimes };
}

/** The construct's own path: that of its L1 child ends with `/Resource`. */
function pathOf(resource: object): string | undefined {
  const path = (resource as { readonly Metadata?: Record<string, unknown> }).Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path.replace(/\/Resource$/, '') : undefined;
}
