import { endpointArn } from '../../../service/arn';
import { DEFAULT_ENDPOINT } from '../../../service/names';
import { QUOTAS } from '../../../service/quotas';
import { validateTagKeys } from '../../../service/tags';
import { ServiceError } from '../../service-error';
import { fieldValidationFailed } from '../http-error';
import { ControlPlaneContext, mutate, requireRuntime, timestamp, transition } from './context';
import { endDeletion } from './deletion';
import { newId } from './ids';
import { PageRequest, paginate } from './pagination';
import { EndpointRecord, RuntimeRecord } from './records';
import { quotaExceeded, requireVersion } from './runtimes';
import { failureReasonAt, isGone, liveVersionAt, newestVersion, requireSettled, statusAt } from './transition';

interface EndpointInput {
  readonly agentRuntimeId: string;
  readonly endpointName: string;
}

interface CreateInput {
  readonly agentRuntimeId: string;
  readonly name: string;
  readonly agentRuntimeVersion?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** CreateAgentRuntimeEndpoint: it stays on its version, which is the newest one where none is named. */
export async function createAgentRuntimeEndpoint(context: ControlPlaneContext, input: CreateInput): Promise<object> {
  return mutate(context, 'CreateAgentRuntimeEndpoint', input.agentRuntimeId, input, async ({ draft, now }) => {
    const { name, description, tags = {} } = input;
    const runtime = requireRuntime(draft, input.agentRuntimeId, now);
    const found = validateTagKeys(Object.keys(tags));
    if (found.length > 0) throw fieldValidationFailed(found.map((message) => ({ path: 'tags', message })));
    requireSettled(`agent runtime ${runtime.id}`, runtime.state, now);
    if (runtime.endpoints.some((endpoint) => endpoint.name === name)) {
      throw new ServiceError('ConflictException', `agent runtime ${runtime.id} already has an endpoint ${name}; update that one or choose another name`);
    }
    if (runtime.endpoints.length > QUOTAS.endpointsPerRuntime) throw quotaExceeded(`${QUOTAS.endpointsPerRuntime} endpoints of an agent runtime`);
    const targetVersion = usableVersion(runtime, input.agentRuntimeVersion, now);
    runtime.endpoints.push({
      name,
      id: newId(name),
      createdAt: now,
      lastUpdatedAt: now,
      description,
      state: transition(context, now, 'CREATING'),
      targetVersion,
      tags,
    });
    return {
      output: {
        targetVersion,
        agentRuntimeEndpointArn: endpointArn(runtime.arn, name),
        agentRuntimeArn: runtime.arn,
        agentRuntimeId: runtime.id,
        endpointName: name,
        status: 'CREATING',
        createdAt: timestamp(now),
      },
    };
  });
}

/** UpdateAgentRuntimeEndpoint: what is not sent stays as it is. */
export async function updateAgentRuntimeEndpoint(
  context: ControlPlaneContext, input: EndpointInput & { readonly agentRuntimeVersion?: string; readonly description?: string },
): Promise<object> {
  return mutate(context, 'UpdateAgentRuntimeEndpoint', `${input.agentRuntimeId} ${input.endpointName}`, input, async ({ draft, now }) => {
    const runtime = requireRuntime(draft, input.agentRuntimeId, now);
    const endpoint = requireEndpoint(runtime, input.endpointName, now);
    if (endpoint.name === DEFAULT_ENDPOINT) {
      throw new ServiceError('ConflictException', `endpoint ${DEFAULT_ENDPOINT} follows the newest version; update the runtime, or create an endpoint of another name`);
    }
    requireSettled(`endpoint ${endpoint.name}`, endpoint.state, now);
    const target = input.agentRuntimeVersion === undefined ? endpoint.targetVersion : usableVersion(runtime, input.agentRuntimeVersion, now);
    endpoint.liveVersion = liveVersionAt(endpoint, now);
    endpoint.targetVersion = target;
    endpoint.description = input.description ?? endpoint.description;
    endpoint.lastUpdatedAt = now;
    endpoint.state = transition(context, now, 'UPDATING');
    return {
      output: {
        liveVersion: endpoint.liveVersion,
        targetVersion: target,
        agentRuntimeEndpointArn: endpointArn(runtime.arn, endpoint.name),
        agentRuntimeArn: runtime.arn,
        status: 'UPDATING',
        createdAt: timestamp(endpoint.createdAt),
        lastUpdatedAt: timestamp(now),
      },
    };
  });
}

/** GetAgentRuntimeEndpoint. */
export async function getAgentRuntimeEndpoint({ store, clock }: ControlPlaneContext, input: EndpointInput): Promise<object> {
  const now = clock.now();
  const runtime = requireRuntime(store.state, input.agentRuntimeId, now);
  const endpoint = requireEndpoint(runtime, input.endpointName, now);
  return { ...summaryOf(runtime, endpoint, now), failureReason: failureReasonAt(endpoint.state, now) };
}

/** ListAgentRuntimeEndpoints. */
export async function listAgentRuntimeEndpoints(
  { store, clock }: ControlPlaneContext, input: PageRequest & { readonly agentRuntimeId: string },
): Promise<object> {
  const now = clock.now();
  const runtime = requireRuntime(store.state, input.agentRuntimeId, now);
  const there = runtime.endpoints.filter(({ state }) => !isGone(state, now));
  const { page, nextToken } = paginate(`endpoints ${runtime.id}`, there, ({ createdAt, name }) => [createdAt, name], input);
  return { runtimeEndpoints: page.map((endpoint) => summaryOf(runtime, endpoint, now)), nextToken };
}

/** DeleteAgentRuntimeEndpoint. */
export async function deleteAgentRuntimeEndpoint(context: ControlPlaneContext, input: EndpointInput): Promise<object> {
  return mutate(context, 'DeleteAgentRuntimeEndpoint', `${input.agentRuntimeId} ${input.endpointName}`, input, async (mutation) => {
    const { draft, now } = mutation;
    const runtime = requireRuntime(draft, input.agentRuntimeId, now);
    const endpoint = requireEndpoint(runtime, input.endpointName, now);
    if (endpoint.name === DEFAULT_ENDPOINT) {
      throw new ServiceError('ConflictException', `endpoint ${DEFAULT_ENDPOINT} cannot be deleted; it goes with agent runtime ${runtime.id}`);
    }
    requireSettled(`endpoint ${endpoint.name}`, endpoint.state, now);
    endpoint.liveVersion = liveVersionAt(endpoint, now);
    endpoint.lastUpdatedAt = now;
    endpoint.state = transition(context, now, 'DELETING');
    return {
      output: { status: 'DELETING', agentRuntimeId: runtime.id, endpointName: endpoint.name },
      after: async () => endDeletion(context, mutation, [endpoint], async () => context.sessions.forget(runtime.id, endpoint.name)),
    };
  });
}

/** An endpoint that is there; throws a ResourceNotFoundException where none is. */
export function requireEndpoint(runtime: RuntimeRecord, name: string, now: number): EndpointRecord {
  const endpoint = runtime.endpoints.find((candidate) => candidate.name === name);
  if (!endpoint || isGone(endpoint.state, now)) throw new ServiceError('ResourceNotFoundException', `agent runtime ${runtime.id} has no endpoint ${name}`);
  return endpoint;
}

function usableVersion(runtime: RuntimeRecord, number: string | undefined, now: number): string {
  const { version, failed, deletion } = requireVersion(runtime, number ?? newestVersion(runtime).version, now);
  if (failed || deletion) {
    throw new ServiceError('ConflictException', `version ${version} of agent runtime ${runtime.id} is ${failed?.status ?? 'DELETING'}; choose another version`);
  }
  return version;
}

function summaryOf(runtime: RuntimeRecord, endpoint: EndpointRecord, now: number): object {
  return {
    name: endpoint.name,
    liveVersion: liveVersionAt(endpoint, now),
    targetVersion: endpoint.targetVersion,
    agentRuntimeEndpointArn: endpointArn(runtime.arn, endpoint.name),
    agentRuntimeArn: runtime.arn,
    status: statusAt(endpoint.state, now),
    id: endpoint.id,
    description: endpoint.description,
    createdAt: timestamp(endpoint.createdAt),
    lastUpdatedAt: timestamp(endpoint.lastUpdatedAt),
  };
}
