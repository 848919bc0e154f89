import { Caller, ControlPlaneContext } from './context';
import { createAgentRuntimeEndpoint, deleteAgentRuntimeEndpoint, getAgentRuntimeEndpoint, listAgentRuntimeEndpoints, updateAgentRuntimeEndpoint } from './endpoints';
import { getAgentRuntime, listAgentRuntimes, listAgentRuntimeVersions } from './runtime-views';
import { createAgentRuntime, deleteAgentRuntime, updateAgentRuntime } from './runtimes';
import { listTagsForResource, tagResource, untagResource } from './tagging';
import { CONTROL_PLANE_OPERATIONS } from '../../../service/model/control-plane';
import { ServiceError } from '../../service-error';

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
}));

/** Whether an operation is one of the control plane's. */
export function isControlPlaneOperation(operation: string): boolean {
  return Object.hasOwn(CONTROL_PLANE_OPERATIONS, operation);
}

/** Runs an operation of the control plane; throws a ValidationException for one that is not served here. */
export async function runControlPlaneOperation(operation: string, context: ControlPlaneContext, input: object, caller: Caller): Promise<object> {
  const run = SERVED.get(operation);
  if (!run) throw notServed(operation);
  return run(context, input as never, caller);
}

export function notServed(operation: string): ServiceError {
  return new ServiceError('ValidationException', `operation ${operation} is not served by the local AgentCore yet`);
}
