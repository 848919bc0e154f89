import { StackState } from './state';
import { DeployerError } from '../errors';
import { listed } from '../json';
import { OutputValue } from '../template/prepared';

/**
 * Refuses outputs whose exports another stack has already.
 *
 * @param others all stacks
 * @throws DeployerError
 */
export function refuseTakenExports(state: StackState, outputs: readonly OutputValue[], others: readonly StackState[]): void {
  for (const other of others) {
    if (other.stackName === state.stackName || other.region !== state.region) continue;
    const taken = outputs.find(({ exportName }) => exportName !== undefined && other.outputs.some((output) => output.exportName === exportName));
    if (taken) throw new DeployerError(`export ${taken.exportName} of output ${taken.key} is already exported by stack ${other.stackName}; choose another name`);
  }
}

/** What is imported stays as it is for as long as it is. */
export function refuseChangedExports(state: StackState, outputs: readonly OutputValue[], others: readonly StackState[]): void {
  for (const { exportName, value } of state.outputs) {
    const now = outputs.find((output) => output.exportName === exportName);
    if (exportName === undefined || now?.value === value) continue;
    const importers = importersOf(state, exportName, others);
    if (importers.length > 0) {
      throw new DeployerError(
        `Export ${exportName} cannot be ${now ? 'updated' : 'deleted'} as it is in use by ${listed(importers)}; first deploy that without the import`,
      );
    }
  }
}

/**
 * Refuses to delete a stack whose exports others import.
 *
 * @param family the names of stacks that are deleted with it
 * @throws DeployerError
 */
export function refuseWhileImported(state: StackState, others: readonly StackState[], family: readonly string[] = []): void {
  for (const { exportName } of state.outputs) {
    const importers = exportName === undefined ? [] : importersOf(state, exportName, others).filter((name) => !family.includes(name));
    if (importers.length > 0) {
      throw new DeployerError(`stack ${state.stackName} cannot be deleted: its export ${exportName} is in use by stack ${listed(importers)}; destroy that one first`);
    }
  }
}

function importersOf({ stackName, region }: StackState, exportName: string, others: readonly StackState[]): string[] {
  return others
    .filter((other) => other.stackName !== stackName && other.region === region && other.imports.includes(exportName))
    .map((other) => other.stackName);
}
