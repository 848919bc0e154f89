import { JsonObject } from '../json';
import { ResourceStatus, StackStatus } from './events';
import { OutputValue } from '../template/prepared';
import { StackIdentity } from '../template/pseudo';
import { Template } from '../template/template';

/** A resource that the stack has, or has begun to make. */
export interface ResourceRecord {
  readonly logicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly physicalId?: string;
  /** As last sent; where an update failed, what it tried to reach. */
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
  readonly data?: JsonObject;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
}

/** All that is known of a stack; what the engine changes while it works. */
export interface StackState extends StackIdentity {
  readonly format: 1;
  status: StackStatus;
  /** The template that the last completed operation reached, and the values of its parameters: where a rollback goes. */
  template: Template;
  parameters: Readonly<Record<string, string>>;
  resources: Record<string, ResourceRecord>;
  /** Replaced resources that the clean-up has yet to delete. */
  obsolete: ResourceRecord[];
  outputs: readonly OutputValue[];
  /** Names of the exports that the stack imports. */
  imports: readonly string[];
}

/** Whether a stack in this state can be updated; from any other it has to be deleted first. */
export function isUpdatable(status: StackStatus): boolean {
  return status === 'CREATE_COMPLETE' || status.startsWith('UPDATE_') || status.startsWith('IMPORT_');
}
