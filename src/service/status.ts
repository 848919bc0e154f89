/** The states of a runtime and of an endpoint. */
export type ResourceStatus =
  | 'CREATING' | 'CREATE_FAILED'
  | 'UPDATING' | 'UPDATE_FAILED'
  | 'READY'
  | 'DELETING' | 'DELETE_FAILED';

/** Whether the service is still at work; a mutation meanwhile is answered with a ConflictException. */
export function isTransient(status: string): boolean {
  return status === 'CREATING' || status === 'UPDATING' || status === 'DELETING';
}

/** How a command ended: whatever its exit code, it COMPLETED unless its time ran out. */
export type CommandStatus = 'COMPLETED' | 'TIMED_OUT';
