import { getCapacityProvider, listAgentRuntimeVersionsByCapacityProvider, listCapacityProviders } from './capacity-provider-views';
import { createCapacityProvider, deleteCapacityProvider, updateCapacityProvider } from './capacity-providers';
import { Caller, ControlPlaneContext } from './context';
import { createAgentRuntimeEndpoint, deleteAgentRuntimeEndpoint, getAgentRuntimeEndpoint, listAgentRuntimeEndpoints, updateAgentRuntimeEndpoint } from './endpoints';
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from './resource-policies';
import { getAgentRuntime, listAgentRuntimes, listAgentRuntimeVersions } from './runtime-views';
import { createAgentRuntime, deleteAgentRuntime, updateAgentRuntime } from './runtimes';
import { listTagsForResource, tagResource, untagResource } from './tagging';
import { CONTROL_PLANE_OPERATIONS } from '../../../service/model/control-plane';

/** An operation: takes an input that its model allows, returns its output. */
// the model has checked the input before, so each operation may name the members that it knows
type ControlPlaneOperation = (context: ControlPlaneContext, input: never, caller: Caller) => Promise<object>;

const SERVED: ReadonlyMap<string, ControlPlaneOperation> = new Map<string, ControlPlaneOperation>(Object.entries({
  CreateAgentRuntime: createAgentRuntime,
  UpdateAgentRuntime: updateAgentRuntime,
  GetAgentRuntime: getAgentRuntime,
  DeleteAgentRuntime: deleteAgentRuntime,
  ListAgentRuntimes: listAgentRuntimes,
  ListAgentRuntimeVersions: listAgentRuntimeVersions,
  CreateAgentRuntimeEndpoint: createAgentRuntimeEndpoint,
  UpdateAgentRuntimeEndpoint: updateAgentRuntimeEndpoint,
  GetAgentRuntimeEndpoint: getAgentRuntimeEndpoint,
  DeleteAgentRuntimeEndpoint: deleteAgentRuntimeEndpoint,
  ListAgentRuntimeEndpoints: listAgentRuntimeEndpoints,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTagsForResource,
  PutResourcePolicy: putResourcePolicy,
  GetResourcePolicy: getResourcePolicy,
  DeleteResourcePolicy: deleteResourcePolicy,
  CreateCapacityProvider: createCapacityProvider,
  UpdateCapacityProvider: updateCapacityProvider,
  GetCapacityProvider: getCapacityProvider,
  DeleteCapacityProvider: deleteCapacityProvider,
  ListCapacityProviders: listCapacityProviders,
  ListAgentRuntimeVersionsByCapacityProvider: listAgentRuntimeVersionsByCapacityProvider,
}));

/** Whether an operation is one of the control plane's. */
export function isControlPlaneOperation(operation: string): boolean {
  return Object.hasOwn(CONTROL_PLANE_OPERATIONS, operation);
}

/** Runs an operation of the control plane. */
export async function runControlPlaneOperation(operation: string, context: ControlPlaneContext, input: object, caller: Caller): Promise<object> {
  const run = SERVED.get(operation);
  if (!run) throw new Error(`operation ${operation} is in the model, and nothing serves it`);
  return run(context, input as never, caller);
}
