import { CONTROL_PLANE_PERMISSIONS } from './control-plane';
import { DATA_PLANE_PERMISSIONS } from './data-plane';
import { OTHER_PERMISSIONS } from './other-services';
import { Circumstance, Permission, Permissions } from './permission';

/**
 * What each operation asks its caller for. The grants that synth writes, what the local AgentCore allows, and the tables of the
 * documentation are all taken from here.
 */
export const PERMISSIONS: Permissions = { ...CONTROL_PLANE_PERMISSIONS, ...DATA_PLANE_PERMISSIONS, ...OTHER_PERMISSIONS };

/**
 * The permissions that a call of an operation asks for.
 *
 * @param circumstances what the call has
 * @throws an error for an operation that is not in the table
 */
export function permissionsOf(operation: string, circumstances: ReadonlySet<Circumstance>): readonly Permission[] {
  if (!Object.hasOwn(PERMISSIONS, operation)) throw new Error(`operation ${operation} has no row in the table of permissions`);
  return PERMISSIONS[operation].filter(({ when }) => when === undefined || circumstances.has(when));
}
