import { readAssembly, selectStacks } from './assembly/assembly';
import { reachableEndpoint } from './endpoint';
import { StackResult } from './engine/engine';
import { nestedStacksOf, parentOf, refuseNested } from './engine/family';
import { StackState } from './engine/state';
import { DeployerError } from './errors';
import { listed } from './json';
import { DeployResult, DestroyOptions } from './options';
import { DeployerParts, Workshop } from './workshop';

/**
 * Destroys deployed stacks, each before those that it depends on; stacks that are not deployed count as destroyed.
 *
 * @throws DeployerError with one line that says what to do
 */
export async function destroy(options: DestroyOptions, parts: DeployerParts = {}): Promise<DeployResult> {
  const workshop = new Workshop(options, await reachableEndpoint(options.endpoint), parts);
  const states = workshop.store.all();
  const names = options.assemblyDirectory === undefined
    ? namesFromStates(states, options.stacks)
    : selectStacks(readAssembly(options.assemblyDirectory), options.stacks).map(({ stackName }) => stackName).reverse();
  const results: StackResult[] = [];
  try {
    for (const stackName of names) {
      const region = states.find((state) => state.stackName === stackName)?.region;
      if (region === undefined) workshop.tellOfNamesake(stackName);
      const result = region === undefined
        ? { stackName, status: 'DELETE_COMPLETE' as const, outputs: {} }
        : await destroyStack(stackName, region, workshop);
      results.push(result);
      if (result.failure) break;
    }
  } finally {
    await workshop.close();
  }
  return { succeeded: results.every(({ failure }) => !failure), stacks: results };
}

async function destroyStack(stackName: string, region: string, workshop: Workshop): Promise<StackResult> {
  const unlock = workshop.begin(stackName);
  try {
    // what was deployed as a stub is deleted as one
    return await workshop.engine(workshop.handlers(region, () => undefined, true)).delete(stackName);
  } finally {
    unlock();
  }
}

/** The deployed stacks, importers before those whose exports they import; nested ones go with the stack that they are nested in. */
function namesFromStates(all: readonly StackState[], wanted: readonly string[] = []): string[] {
  const states = all.filter((state) => !parentOf(state, all));
  const nested = all.find((state) => wanted.includes(state.stackName) && !states.includes(state));
  if (nested) refuseNested(nested, all, 'destroyed');
  const missing = wanted.filter((name) => !states.some(({ stackName }) => stackName === name));
  if (missing.length > 0) {
    throw new DeployerError(`no stack called ${listed(missing)} is deployed; deployed are ${listed(states.map(({ stackName }) => stackName)) || 'none'}`);
  }
  const ordered: string[] = [];
  const withNested = (state: StackState) => [state, ...nestedStacksOf(state, all)];
  const visit = (state: StackState, path: readonly string[]) => {
    const { stackName } = state;
    if (ordered.includes(stackName) || path.includes(stackName)) return;
    const exports = withNested(state).flatMap(({ outputs }) => outputs.flatMap(({ exportName }) => exportName ?? []));
    const isImporter = (other: StackState) => withNested(other).some(({ imports }) => imports.some((name) => exports.includes(name)));
    states.filter(isImporter).forEach((importer) => visit(importer, [...path, stackName]));
    ordered.push(stackName);
  };
  states.forEach((state) => visit(state, []));
  return wanted.length === 0 ? ordered : ordered.filter((name) => wanted.includes(name));
}
