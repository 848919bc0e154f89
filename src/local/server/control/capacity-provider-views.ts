import { ControlPlaneContext, timestamp } from './context';
import { PageRequest, paginate } from './pagination';
import { CapacityProviderRecord, ControlPlaneState, RuntimeRecord, VersionRecord } from './records';
import { requireCapacityProvider } from './resources';
import { statusOf } from './runtime-views';
import { failureReasonAt, isGone, statusAt, versionsAt } from './transition';

/** GetCapacityProvider. */
export async function getCapacityProvider({ store, clock }: ControlPlaneContext, input: { readonly capacityProviderId: string }): Promise<object> {
  const now = clock.now();
  const { id, arn, name, description, permissionsConfiguration, computeConfiguration, createdAt, lastUpdatedAt, state } =
    requireCapacityProvider(store.state, input.capacityProviderId, now);
  const statusReason = failureReasonAt(state, now);
  return {
    capacityProviderId: id,
    capacityProviderArn: arn,
    name,
    status: statusAt(state, now),
    description,
    statusCode: statusReason === undefined ? undefined : 'VALIDATION_ERROR',
    statusReason,
    permissionsConfiguration,
    computeConfiguration,
    createdAt: timestamp(createdAt),
    lastUpdatedAt: timestamp(lastUpdatedAt),
  };
}

/** ListCapacityProviders. */
export async function listCapacityProviders({ store, clock }: ControlPlaneContext, input: PageRequest): Promise<object> {
  const now = clock.now();
  const there = store.state.capacityProviders.filter(({ state }) => !isGone(state, now));
  const { page, nextToken } = paginate('capacity providers', there, ({ createdAt, id }) => [createdAt, id], input);
  const capacityProviders = page.map(({ id, arn, name, state, lastUpdatedAt }) => ({
    capacityProviderId: id,
    capacityProviderArn: arn,
    name,
    status: statusAt(state, now),
    // this one timestamp has no format in the model, and so is in seconds
    lastUpdatedAt: lastUpdatedAt / 1000,
  }));
  return { capacityProviders, nextToken };
}

/** ListAgentRuntimeVersionsByCapacityProvider: what has to be deleted before the capacity provider can be. */
export async function listAgentRuntimeVersionsByCapacityProvider(
  { store, clock }: ControlPlaneContext, input: PageRequest & { readonly capacityProviderId: string },
): Promise<object> {
  const now = clock.now();
  const provider = requireCapacityProvider(store.state, input.capacityProviderId, now);
  const { page, nextToken } = paginate(
    `versions on ${provider.id}`, versionsOn(store.state, provider, now), ({ runtime, version }) => [Number(version.version), runtime.id], input,
  );
  const agentRuntimes = page.map(({ runtime, version }) => ({
    agentRuntimeArn: runtime.arn,
    agentRuntimeVersion: version.version,
    status: statusOf(runtime, version, now),
  }));
  return { agentRuntimes, nextToken };
}

/** The versions of runtimes that refer to a capacity provider. */
export function versionsOn(
  { runtimes }: ControlPlaneState, { arn }: CapacityProviderRecord, now: number,
): { readonly runtime: RuntimeRecord; readonly version: VersionRecord }[] {
  return runtimes.filter(({ state }) => !isGone(state, now)).flatMap((runtime) => versionsAt(runtime, now)
    .filter(({ configuration }) => configuration.capacityProviderConfiguration?.capacityProviderArn === arn)
    .map((version) => ({ runtime, version })));
}
