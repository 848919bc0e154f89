import { ControlPlaneContext, requireRuntime, timestamp } from './context';
import { PageRequest, paginate } from './pagination';
import { RuntimeRecord, VersionRecord } from './records';
import { requireVersion } from './runtimes';
import { failureReasonAt, isGone, newestVersion, statusAt, versionsAt } from './transition';
import { withLifecycleDefaults } from '../../../service/lifecycle';

/** GetAgentRuntime: the newest version, or a given one. */
export async function getAgentRuntime(
  { store, clock }: ControlPlaneContext, input: { readonly agentRuntimeId: string; readonly agentRuntimeVersion?: string },
): Promise<object> {
  const now = clock.now();
  const runtime = requireRuntime(store.state, input.agentRuntimeId, now);
  const version = requireVersion(runtime, input.agentRuntimeVersion, now);
  const isNewest = version === newestVersion(runtime);
  const { lifecycleConfiguration, ...configuration } = version.configuration;
  return {
    ...configuration,
    agentRuntimeArn: runtime.arn,
    agentRuntimeName: runtime.name,
    agentRuntimeId: runtime.id,
    agentRuntimeVersion: version.version,
    createdAt: timestamp(runtime.createdAt),
    lastUpdatedAt: timestamp(isNewest ? runtime.lastUpdatedAt : version.createdAt),
    status: statusOf(runtime, version, now),
    failureReason: isNewest ? failureReasonAt(runtime.state, now) : version.failed?.reason,
    workloadIdentityDetails: { workloadIdentityArn: runtime.workloadIdentityArn },
    lifecycleConfiguration: withLifecycleDefaults(lifecycleConfiguration),
    metadataConfiguration: { requireMMDSV2: true },
  };
}

/** ListAgentRuntimes: the newest version of each. */
export async function listAgentRuntimes({ store, clock }: ControlPlaneContext, input: PageRequest): Promise<object> {
  const now = clock.now();
  const there = store.state.runtimes.filter(({ state }) => !isGone(state, now));
  const { page, nextToken } = paginate('runtimes', there, ({ createdAt, id }) => [createdAt, id], input);
  return { agentRuntimes: page.map((runtime) => summaryOf(runtime, newestVersion(runtime), now)), nextToken };
}

/** ListAgentRuntimeVersions: the newest first. */
export async function listAgentRuntimeVersions(
  { store, clock }: ControlPlaneContext, input: PageRequest & { readonly agentRuntimeId: string },
): Promise<object> {
  const now = clock.now();
  const runtime = requireRuntime(store.state, input.agentRuntimeId, now);
  const { page, nextToken } = paginate(`versions ${runtime.id}`, versionsAt(runtime, now), ({ version }) => [-Number(version), ''], input);
  return { agentRuntimes: page.map((version) => summaryOf(runtime, version, now)), nextToken };
}

function summaryOf(runtime: RuntimeRecord, version: VersionRecord, now: number): object {
  return {
    agentRuntimeArn: runtime.arn,
    agentRuntimeId: runtime.id,
    agentRuntimeVersion: version.version,
    agentRuntimeName: runtime.name,
    // the model requires one, also where none was given
    description: version.configuration.description ?? '',
    lastUpdatedAt: timestamp(version === newestVersion(runtime) ? runtime.lastUpdatedAt : version.createdAt),
    status: statusOf(runtime, version, now),
  };
}

/** The state of a version: the newest one has that of its runtime. */
export function statusOf(runtime: RuntimeRecord, version: VersionRecord, now: number): string {
  if (version === newestVersion(runtime)) return statusAt(runtime.state, now);
  return version.deletion ? statusAt(version.deletion, now) : version.failed?.status ?? 'READY';
}
