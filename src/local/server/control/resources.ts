import { requireRuntime } from './context';
import { requireEndpoint } from './endpoints';
import { CapacityProviderRecord, ControlPlaneState, EndpointRecord, RuntimeRecord } from './records';
import { isGone } from './transition';
import { parseRuntimeArn } from '../../../service/arn';
import { ServiceError } from '../../service-error';

/** A runtime or an endpoint by its ARN; throws a ResourceNotFoundException where none is. */
export function requireRuntimeResource(state: ControlPlaneState, arn: string, now: number): RuntimeRecord | EndpointRecord {
  const parts = parseRuntimeArn(arn);
  if (!parts) throw new ServiceError('ResourceNotFoundException', `resource ${arn} is neither an agent runtime nor one of its endpoints`);
  const runtime = requireRuntime(state, parts.runtimeId, now);
  if (!arn.startsWith(runtime.arn)) throw new ServiceError('ResourceNotFoundException', `resource ${arn} is not found; the agent runtime of this id is ${runtime.arn}`);
  return parts.endpointName === undefined ? runtime : requireEndpoint(runtime, parts.endpointName, now);
}

/** The same for whatever has tags: a capacity provider too. */
export function requireResource(state: ControlPlaneState, arn: string, now: number): RuntimeRecord | EndpointRecord | CapacityProviderRecord {
  return state.capacityProviders.find((provider) => provider.arn === arn && !isGone(provider.state, now)) ?? requireRuntimeResource(state, arn, now);
}

/** A capacity provider that is there; throws a ResourceNotFoundException where none is. */
export function requireCapacityProvider(state: ControlPlaneState, id: string, now: number): CapacityProviderRecord {
  const provider = state.capacityProviders.find((candidate) => candidate.id === id);
  if (!provider || isGone(provider.state, now)) throw new ServiceError('ResourceNotFoundException', `capacity provider ${id} is not found`);
  return provider;
}
