import { IConstruct } from 'constructs';
import { byRule, namesRule } from './rule-id';

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
  throwFaultsAt(scope.node.path, faults);
}

/** The same for a construct that is not there yet. */
export function throwFaultsAt(constructPath: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  // the root of an app has none
  const where = constructPath === '' ? 'the app' : constructPath;
  const [only, ...others] = faults.map((fault) => (namesRule(fault) ? fault : byRule('invalidProperty', [fault])[0]));
  throw new ValidationError(others.length === 0
    ? `${where}: ${only}`
    : `${where}: ${faults.length} faults in its properties\n${[only, ...others].map((fault) => `  - ${fault}`).join('\n')}`);
}
