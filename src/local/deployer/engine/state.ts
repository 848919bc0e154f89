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

/** Why a resource is deleted: its creation is undone, or it is wanted no more. */
export type DeleteCause = 'CREATE_FAILED' | 'REMOVED';

/** What only nested stacks have. */
export interface Nesting {
  /** Of the stack that it is nested in. */
  readonly stackId: string;
  /** Where its template comes from. */
  readonly templateUrl: string;
  /** By their URLs, the templates that it had before: until the clean-up of the root, a rollback may return to them. */
  readonly earlier: Readonly<Record<string, Template>>;
}

/** All that is known of a stack; what the engine changes while it works. */
export interface StackState extends StackIdentity {
  readonly format: 1;
  /** Absent for stacks that are not nested. */
  nestedIn?: Nesting;
  status: StackStatus;
  /** The template that the last completed operation reached, and the values of its parameters: where a rollback goes. */
  template: Template;
  parameters: Readonly<Record<string, string>>;
  /** The tags of the stack at that time; absent in a state of an earlier version. */
  tags?: Readonly<Record<string, string>>;
  resources: Record<string, ResourceRecord>;
  /** Replaced resources that the clean-up has yet to delete. */
  obsolete: ResourceRecord[];
  outputs: readonly OutputValue[];
  /** Names of the exports that the stack imports. */
  imports: readonly string[];
}

/** The state of a stack that has nothing yet. */
export function newState(
  { stackName, stackId, region, account }: StackIdentity, { template, parameters, tags }: Pick<StackState, 'template' | 'parameters' | 'tags'>, nestedIn?: Nesting,
): StackState {
  return {
    format: 1,
    ...(nestedIn ? { nestedIn } : {}),
    stackName,
    stackId,
    region,
    account,
    status: 'CREATE_IN_PROGRESS',
    template,
    parameters,
    tags,
    resources: {},
    obsolete: [],
    outputs: [],
    imports: [],
  };
}

/** Whether a stack in this state can be updated; from any other it has to be deleted first. */
export function isUpdatable(status: StackStatus): boolean {
  return status === 'CREATE_COMPLETE' || status.startsWith('UPDATE_') || status.startsWith('IMPORT_');
}
