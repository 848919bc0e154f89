import { JsonObject } from '../json';
import { DeleteCause } from './state';
import { StackIdentity } from '../template/pseudo';

export { ResourceFailure } from '../../../provider/lifecycle';

/** One resource of a stack, as its handler is told of it. */
export interface ResourceRequest {
  readonly stack: StackIdentity;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

export interface CreateRequest extends ResourceRequest {
  /** What `provisionalId` has returned, where it was asked. */
  readonly provisionalId?: string;
}

export interface ExistingRequest extends ResourceRequest {
  readonly physicalId: string;
  /** What an earlier call returned as `data`. */
  readonly data?: JsonObject;
}

export interface UpdateRequest extends ExistingRequest {
  readonly oldProperties: JsonObject;
  /** Whether this is part of a rollback. */
  readonly goingBack?: boolean;
}

export interface DeleteRequest extends ExistingRequest {
  readonly cause: DeleteCause;
}

export interface ResourceResult {
  readonly physicalId: string;
  readonly attributes: JsonObject;
  /** Kept with the resource for later calls; not visible to templates. */
  readonly data?: JsonObject;
}

/** How CloudFormation's resource import takes a resource of one type into a stack. */
export interface ResourceImport {
  exists(physicalId: string): Promise<boolean>;
  /** Changes nothing of the resource but whose it is. */
  take(request: ExistingRequest): Promise<ResourceResult>;
  /** Undoes `take`. */
  giveBack(request: ExistingRequest): Promise<void>;
}

/** How resources of one type come, change and go. */
export interface ResourceHandler {
  /** Absent for types that cannot be imported. */
  readonly importing?: ResourceImport;
  /**
   * Whether this resource's provider decides alone what a replacement is: on the way back it gets an Update from new to
   * old. All others are put back by deleting the new resource and going on with the old one.
   */
  readonly replacesItself?: boolean;
  create(request: CreateRequest): Promise<ResourceResult>;
  /** Another physical id in the result means: replaced; the engine deletes the old one later. */
  update(request: UpdateRequest): Promise<ResourceResult>;
  /** Succeeds for what is gone already. */
  delete(request: DeleteRequest): Promise<void>;
  /**
   * What remains to be done within the resource when the update of the whole stack has ended, one way or the other: a nested stack
   * deletes only then what it replaced or removed. Undefined where there is nothing.
   */
  pendingCleanUp?(request: ExistingRequest): (() => Promise<void>) | undefined;
  /** Why a change is not possible at all; the resource is left as it was. */
  refusal?(oldProperties: JsonObject, newProperties: JsonObject): string | undefined;
  /** Whether a change needs a new resource, made before the old one goes. */
  replaces?(oldProperties: JsonObject, newProperties: JsonObject): boolean;
  /** The id by which a resource is deleted whose create was interrupted. */
  provisionalId?(request: ResourceRequest): string;
  /** An attribute that is not among those returned; undefined where there is none. */
  attribute?(physicalId: string, name: string): unknown;
}

/** The handler of each resource type; undefined for types that are not known. */
export type HandlerLookup = (type: string) => ResourceHandler | undefined;
