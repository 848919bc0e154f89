import { IConstruct } from 'constructs';

/** Raised at synth when a construct cannot be built from the properties that it got. */
class ValidationError extends Error {
  public readonly name = 'ValidationError';
}

/**
 * Tells everything that is wrong with the properties of a construct, at once.
 *
 * @throws an error that begins with the path of the construct, unless there is nothing to tell
 */
export function throwFaults(scope: IConstruct, faults: readonly string[]): void {
  if (faults.length === 0) return;
  const [only] = faults;
  throw new ValidationError(faults.length === 1
    ? `${scope.node.path}: ${only}`
    : `${scope.node.path}: ${faults.length} faults in its properties\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}
