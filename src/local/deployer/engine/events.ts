/** What CloudFormation says of a resource, or of a stack as a whole. */
export type ResourceStatus =
  | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE' | 'UPDATE_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED' | 'DELETE_SKIPPED'
  | 'IMPORT_IN_PROGRESS' | 'IMPORT_COMPLETE' | 'IMPORT_FAILED'
  | 'IMPORT_ROLLBACK_IN_PROGRESS' | 'IMPORT_ROLLBACK_COMPLETE' | 'IMPORT_ROLLBACK_FAILED';

export type StackStatus =
  | Exclude<ResourceStatus, 'DELETE_SKIPPED' | 'IMPORT_FAILED'>
  | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED';

/** One line of a stack's events. */
export interface StackEvent {
  readonly timestamp: Date;
  readonly stackName: string;
  /** Present for stacks that are nested in another one. */
  readonly nested?: true;
  /** The stack's own name in events of the stack as a whole. */
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: ResourceStatus | StackStatus;
  readonly reason?: string;
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Whether an event is about its stack as a whole; a nested stack is also a resource of its parent. */
export function isOfWholeStack({ type, logicalId, stackName }: StackEvent): boolean {
  return type === STACK_TYPE && logicalId === stackName;
}
