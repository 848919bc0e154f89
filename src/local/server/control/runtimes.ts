import { Caller, ControlPlaneContext, mutate, Mutation, Outcome, requireRuntime, timestamp, transition } from './context';
import { moveDefaultEndpoint, newDefaultEndpoint } from './default-endpoint';
import { endDeletion } from './deletion';
import { newId, workloadIdentityArn } from './ids';
import { RuntimeConfiguration, RuntimeRecord, VersionRecord } from './records';
import { checkRuntimeInput, RuntimeInput } from './runtime-rules';
import { liveVersionAt, newestVersion, requireSettled, statusAt, versionsAt } from './transition';
import { formatRuntimeArn } from '../../../service/arn';
import { partitionOf } from '../../../service/partition';
import { QUOTAS } from '../../../service/quotas';
import { LOCAL_ACCOUNT } from '../../identity';
import { ServiceError } from '../../service-error';

/** CreateAgentRuntime. */
export async function createAgentRuntime(
  context: ControlPlaneContext, input: RuntimeInput & { readonly agentRuntimeName: string }, { region, isAws }: Caller,
): Promise<object> {
  return mutate(context, 'CreateAgentRuntime', region, input, async ({ draft, now }) => {
    const { agentRuntimeName: name, tags = {} } = input;
    checkRuntimeInput(input, { draft, now, isAws });
    if (draft.runtimes.some((runtime) => runtime.name === name)) {
      throw new ServiceError('ConflictException', `an agent with the specified name already exists: ${name}; choose another name or delete that one`);
    }
    if (draft.runtimes.length >= QUOTAS.runtimes) throw quotaExceeded(`${QUOTAS.runtimes} agent runtimes`);

    const id = newId(name);
    const version = await makeVersion(context, id, '1', configurationOf(input), now, 'CREATE_FAILED');
    const runtime: RuntimeRecord = {
      id,
      arn: formatRuntimeArn({ partition: partitionOf(region), region, account: LOCAL_ACCOUNT, runtimeId: id }),
      name,
      workloadIdentityArn: workloadIdentityArn(region, id),
      createdAt: now,
      lastUpdatedAt: now,
      state: transition(context, now, 'CREATING', version.failed?.reason),
      versions: [version],
      endpoints: [newDefaultEndpoint(context, now, version)],
      tags,
    };
    draft.runtimes.push(runtime);
    return {
      output: {
        agentRuntimeArn: runtime.arn,
        workloadIdentityDetails: { workloadIdentityArn: runtime.workloadIdentityArn },
        agentRuntimeId: id,
        agentRuntimeVersion: version.version,
        createdAt: timestamp(now),
        status: 'CREATING',
      },
    };
  });
}

/** UpdateAgentRuntime: a new version made of this input alone, which DEFAULT moves to. */
export async function updateAgentRuntime(context: ControlPlaneContext, input: RuntimeInput & { readonly agentRuntimeId: string }): Promise<object> {
  return mutate(context, 'UpdateAgentRuntime', input.agentRuntimeId, input, async ({ draft, now }) => {
    const runtime = requireRuntime(draft, input.agentRuntimeId, now);
    const newest = newestVersion(runtime);
    checkRuntimeInput(input, { draft, now, newest: newest.configuration });
    requireSettled(`agent runtime ${runtime.id}`, runtime.state, now);
    if (runtime.versions.length >= QUOTAS.versionsPerRuntime) throw quotaExceeded(`${QUOTAS.versionsPerRuntime} versions of an agent runtime`);

    // the one field that an update leaves as it is where it is not sent
    const platformVersion = input.platformVersion ?? newest.configuration.platformVersion;
    const configuration = { ...configurationOf(input), ...(platformVersion === undefined ? {} : { platformVersion }) };
    if (isCode(configuration) !== isCode(newest.configuration)) {
      context.log(`runtime ${runtime.id}: the update changes between container and code; sources disagree on whether the service allows that`);
    }
    const number = String(Number(newest.version) + 1);
    const version = await makeVersion(context, runtime.id, number, configuration, now, 'UPDATE_FAILED');
    runtime.versions.push(version);
    runtime.lastUpdatedAt = now;
    runtime.state = transition(context, now, 'UPDATING', version.failed?.reason);
    moveDefaultEndpoint(context, now, runtime, version);
    return {
      output: {
        agentRuntimeArn: runtime.arn,
        agentRuntimeId: runtime.id,
        workloadIdentityDetails: { workloadIdentityArn: runtime.workloadIdentityArn },
        agentRuntimeVersion: number,
        createdAt: timestamp(runtime.createdAt),
        lastUpdatedAt: timestamp(now),
        status: 'UPDATING',
      },
    };
  });
}

interface DeleteInput {
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion?: string;
}

/** DeleteAgentRuntime: the runtime with all of its versions, or one version alone. */
export async function deleteAgentRuntime(context: ControlPlaneContext, input: DeleteInput): Promise<object> {
  return mutate(context, 'DeleteAgentRuntime', input.agentRuntimeId, input, async (mutation) => {
    const runtime = requireRuntime(mutation.draft, input.agentRuntimeId, mutation.now);
    requireSettled(`agent runtime ${runtime.id}`, runtime.state, mutation.now);
    return input.agentRuntimeVersion === undefined
      ? deleteWhole(context, mutation, runtime)
      : deleteVersion(context, mutation, runtime, input.agentRuntimeVersion);
  });
}

function deleteWhole(context: ControlPlaneContext, mutation: Mutation, runtime: RuntimeRecord): Outcome {
  const { now } = mutation;
  const named = runtime.endpoints.slice(1).map(({ name }) => name);
  if (named.length > 0) {
    throw new ServiceError('ConflictException', `agent runtime ${runtime.id} has endpoints, which must be deleted first: ${named.join(', ')}`);
  }
  const [defaultEndpoint] = runtime.endpoints;
  defaultEndpoint.liveVersion = liveVersionAt(defaultEndpoint, now);
  if (newestVersion(runtime).configuration.networkConfiguration?.networkMode === 'VPC') {
    context.log(`runtime ${runtime.id}: in AWS, the network interfaces of a runtime in a VPC stay for up to 8 hours after it is deleted, and meanwhile keep its subnets and security groups from being deleted`);
  }
  for (const thing of [runtime, defaultEndpoint]) {
    thing.state = transition(context, now, 'DELETING');
    thing.lastUpdatedAt = now;
  }
  return {
    output: { status: 'DELETING', agentRuntimeId: runtime.id },
    after: async () => endDeletion(context, mutation, [runtime, defaultEndpoint], async () => {
      await context.sessions.forget(runtime.id);
      await context.artifacts.remove(runtime.id);
    }),
  };
}

function deleteVersion(context: ControlPlaneContext, { now }: Mutation, runtime: RuntimeRecord, number: string): Outcome {
  const version = requireVersion(runtime, number, now);
  if (version.deletion && statusAt(version.deletion, now) === 'DELETING') throw new ServiceError('ConflictException', `version ${number} of agent runtime ${runtime.id} is in state DELETING`);
  const users = runtime.endpoints
    .filter((endpoint) => endpoint.targetVersion === number || liveVersionAt(endpoint, now) === number)
    .map(({ name }) => name);
  if (users.length > 0) {
    throw new ServiceError('ConflictException', `version ${number} of agent runtime ${runtime.id} is in use by endpoint ${users.join(', ')}; move or delete that first`);
  }
  version.deletion = transition(context, now, 'DELETING');
  return {
    output: { status: 'DELETING', agentRuntimeId: runtime.id, agentRuntimeVersion: number },
    after: async () => {
      // a running session keeps its version, and its code is removed at the next start
      const running = context.sessions.list().some((session) => session.runtimeId === runtime.id && session.version === number);
      if (!running) await context.artifacts.remove(runtime.id, number);
    },
  };
}

/** A version that is there; the newest one where none is named. */
export function requireVersion(runtime: RuntimeRecord, number: string | undefined, now: number): VersionRecord {
  if (number === undefined) return newestVersion(runtime);
  const version = versionsAt(runtime, now).find((candidate) => candidate.version === number);
  if (!version) throw new ServiceError('ResourceNotFoundException', `agent runtime ${runtime.id} has no version ${number}`);
  return version;
}

async function makeVersion(
  { artifacts, ending }: ControlPlaneContext, runtimeId: string, version: string, configuration: RuntimeConfiguration, now: number, failure: 'CREATE_FAILED' | 'UPDATE_FAILED',
): Promise<VersionRecord> {
  const reason = ending?.failureReason;
  if (reason !== undefined) return { version, createdAt: now, configuration, failed: { status: failure, reason } };
  // an attempt that was not committed may have left its code
  await artifacts.remove(runtimeId, version);
  try {
    await artifacts.prepare(runtimeId, version, configuration);
  } catch (error) {
    const why = `the code of the agent cannot be unpacked: ${(error as Error).message}`;
    return { version, createdAt: now, configuration, failed: { status: failure, reason: why } };
  }
  artifacts.announce(runtimeId, version, configuration);
  return { version, createdAt: now, configuration };
}

function configurationOf(input: RuntimeInput): RuntimeConfiguration {
  const { agentRuntimeName, agentRuntimeId, clientToken, tags, metadataConfiguration, ...configuration } =
    input as RuntimeInput & { agentRuntimeName?: string; agentRuntimeId?: string };
  return configuration;
}

function isCode({ agentRuntimeArtifact }: RuntimeConfiguration): boolean {
  return agentRuntimeArtifact.codeConfiguration !== undefined;
}

export function quotaExceeded(limit: string): ServiceError {
  return new ServiceError('ServiceQuotaExceededException', `the quota of ${limit} is used up; delete some first`);
}
