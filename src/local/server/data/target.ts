import { parseRuntimeArn } from '../../../service/arn';
import { describe } from '../../../service/model/validate';
import { DEFAULT_ENDPOINT, isRuntimeId, validateEndpointName } from '../../../service/names';
import { LOCAL_ACCOUNT } from '../../identity';
import { ServiceError } from '../../service-error';
import { SessionKey, VersionSpec } from '../../sessions/contract';
import { CodeArtifacts } from '../artifacts/code-artifacts';
import { ServerClock } from '../clock';
import { requireRuntime } from '../control/context';
import { requireEndpoint } from '../control/endpoints';
import { RuntimeConfiguration } from '../control/records';
import { requireCapacityProvider } from '../control/resources';
import { ControlPlaneStore } from '../control/store';
import { failureReasonAt, liveVersionAt, statusAt } from '../control/transition';
import { fieldValidationFailed } from '../http-error';

/** The members by which the data plane's operations name a session's place. */
export interface TargetInput {
  /** An ARN, or an id together with `accountId`. */
  readonly agentRuntimeArn: string;
  readonly accountId?: string;
  readonly qualifier?: string;
}

/** The endpoint that a call goes to, and what runs there. */
export interface Target extends Omit<SessionKey, 'sessionId'> {
  readonly configuration: RuntimeConfiguration;
  readonly spec: VersionSpec;
}

/** Finds what the data plane's calls go to. */
export class Targets {
  constructor(private readonly store: ControlPlaneStore, private readonly artifacts: CodeArtifacts, private readonly clock: ServerClock) {}

  /**
   * The endpoint and version of a call; unpacks the version's code if that came later than the version.
   *
   * @throws ServiceError where the runtime or the endpoint is not there or cannot be called
   */
  public async resolve(input: TargetInput): Promise<Target> {
    const { runtimeId, version, configuration } = this.find(input);
    let unpackError: string | undefined;
    await this.artifacts.prepare(runtimeId, version, configuration).catch((error: Error) => { unpackError = error.message; });
    // again, because a mutation may have come in between
    const { version: live, ...found } = this.find(input);
    return { ...found, spec: this.artifacts.specOf(runtimeId, live, found.configuration, unpackError) };
  }

  /** The endpoint alone, whatever its state. */
  public locate(input: TargetInput): Omit<SessionKey, 'sessionId'> {
    const { runtime, endpoint } = this.look(input);
    return { runtimeId: runtime.id, endpointName: endpoint.name };
  }

  /** Throws a ResourceNotFoundException where no capacity provider has this id. */
  public requireCapacityProvider(id: string): void {
    requireCapacityProvider(this.store.state, id, this.clock.now());
  }

  private find(input: TargetInput) {
    const now = this.clock.now();
    const { runtime, endpoint } = this.look(input);
    const status = statusAt(endpoint.state, now);
    if (status === 'DELETING') throw new ServiceError('ResourceNotFoundException', `endpoint ${endpoint.name} of agent runtime ${runtime.id} is in state DELETING`);
    const version = liveVersionAt(endpoint, now);
    if (version === undefined && status === 'CREATING') {
      throw new ServiceError('RetryableConflictException', `endpoint ${endpoint.name} of agent runtime ${runtime.id} is in state CREATING; call it when it is READY`);
    }
    const record = runtime.versions.find((candidate) => candidate.version === version);
    if (!record) {
      const reason = failureReasonAt(endpoint.state, now) ?? 'it has no version';
      throw new ServiceError('ResourceNotFoundException', `endpoint ${endpoint.name} of agent runtime ${runtime.id} runs nothing, because ${reason}; update the runtime or delete it`);
    }
    return { runtimeId: runtime.id, endpointName: endpoint.name, version: record.version, configuration: record.configuration };
  }

  private look({ agentRuntimeArn, accountId, qualifier = DEFAULT_ENDPOINT }: TargetInput) {
    const now = this.clock.now();
    const wrongName = validateEndpointName(qualifier);
    if (wrongName.length > 0) throw fieldValidationFailed(wrongName.map((message) => ({ path: 'qualifier', message })));
    const runtimeId = runtimeIdOf(agentRuntimeArn, accountId);
    const runtime = requireRuntime(this.store.state, runtimeId, now);
    if (agentRuntimeArn !== runtimeId && agentRuntimeArn !== runtime.arn) {
      throw new ServiceError('ResourceNotFoundException', `agent runtime ${agentRuntimeArn} is not found; the one of this id is ${runtime.arn}`);
    }
    return { runtime, endpoint: requireEndpoint(runtime, qualifier, now) };
  }
}

function runtimeIdOf(arnOrId: string, accountId: string | undefined): string {
  const parts = parseRuntimeArn(arnOrId);
  if (parts && parts.endpointName === undefined) return parts.runtimeId;
  const is = (path: string, message: string) => fieldValidationFailed([{ path, message }]);
  if (parts) throw is('agentRuntimeArn', `${describe(arnOrId)} is the ARN of an endpoint; give the runtime's ARN, and the endpoint's name as qualifier`);
  if (!isRuntimeId(arnOrId)) throw is('agentRuntimeArn', `${describe(arnOrId)} is neither the ARN nor the id of an agent runtime`);
  if (accountId === undefined) throw is('accountId', 'is required with the id of an agent runtime, and was not given; give it, or the ARN');
  if (accountId !== LOCAL_ACCOUNT) {
    throw new ServiceError('ResourceNotFoundException', `agent runtime ${arnOrId} is not found in account ${accountId}; the local AgentCore has account ${LOCAL_ACCOUNT} only`);
  }
  return arnOrId;
}
