import { StackState } from './state';
import { DeployerError } from '../errors';

/**
 * The stack that a nested stack belongs to; undefined for all others, and for one that its parent does not have any more, because
 * it was retained or could not be deleted.
 */
export function parentOf(state: StackState, all: readonly StackState[]): StackState | undefined {
  const { nestedIn } = state;
  const parent = nestedIn && all.find(({ stackId }) => stackId === nestedIn.stackId);
  if (!parent) return undefined;
  const records = [...Object.values(parent.resources), ...parent.obsolete];
  return records.some(({ physicalId }) => physicalId === state.stackId) ? parent : undefined;
}

/** The stacks that are nested in one, at all levels. */
export function nestedStacksOf(state: StackState, all: readonly StackState[]): StackState[] {
  const children = all.filter((other) => parentOf(other, all)?.stackId === state.stackId);
  return children.flatMap((child) => [child, ...nestedStacksOf(child, all)]);
}

/**
 * Refuses to work on a nested stack without the one that it belongs to.
 *
 * @throws DeployerError
 */
export function refuseNested(state: StackState, all: readonly StackState[], action: string): void {
  const parent = parentOf(state, all);
  if (!parent) return;
  const root = rootOf(parent, all);
  throw new DeployerError(`stack ${state.stackName} cannot be ${action} by itself: it is nested in stack ${parent.stackName}; name stack ${root.stackName} instead`);
}

function rootOf(state: StackState, all: readonly StackState[]): StackState {
  const parent = parentOf(state, all);
  return parent ? rootOf(parent, all) : state;
}
