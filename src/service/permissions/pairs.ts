import { permissionsOf } from './index';
import { Circumstance, Permission } from './permission';
import { ResourceKind, ResourceNames, resourceArn } from './resources';

/** An action on one resource, as a policy allows it and as a service asks for it. */
export interface Pair extends Pick<Permission, 'action' | 'conditionKeys'> {
  readonly kind: ResourceKind;
  /** Its ARN. */
  readonly resource: string;
}

/** Which permissions of some operations are meant. */
export interface PairSelection {
  readonly operations: readonly string[];
  readonly kinds: readonly ResourceKind[];
  /** What makes ARNs; it needs what these kinds of resources take, and no more. */
  readonly names: ResourceNames;
  /** What the calls have. */
  readonly circumstances?: readonly Circumstance[];
}

/**
 * What operations ask for on some kinds of resources, each pair once.
 *
 * @throws an error for an operation that is not in the table
 */
export function pairsOf({ operations, kinds, names, circumstances = [] }: PairSelection): Pair[] {
  const permissions = operations.flatMap((operation) => permissionsOf(operation, new Set(circumstances)));
  const pairs = permissions.flatMap(({ action, resources, conditionKeys }) => resources
    .filter((kind) => kinds.includes(kind))
    .map((kind) => ({ action, kind, resource: resourceArn(kind, names), conditionKeys })));
  return [...new Map(pairs.map((pair) => [`${pair.action} ${pair.kind}`, pair])).values()];
}

/** The actions that operations ask for, each once, whatever they ask for it on. */
export function actionsOf(operations: readonly string[], circumstances: readonly Circumstance[] = []): string[] {
  return [...new Set(operations.flatMap((operation) => permissionsOf(operation, new Set(circumstances)).map(({ action }) => action)))];
}
