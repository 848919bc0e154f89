import { ON_VERSION_CHANGE, RuntimeAttribute } from './contract';
import { ControlPlane, LiveRuntime } from './control-plane';
import { differingMembers } from './difference';
import { Lifecycle, LifecycleContext, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { digest } from './once';
import { isOwnedBy, Owner, ownerTags, Tags } from './ownership';
import { RuntimeConfiguration, toRuntimeConfiguration } from './properties';
import { FRESH_POLICY_MILLIS, waitFor } from './wait';
import { retry } from '../client/retry';
import { isRolePropagation } from '../service/errors';
import { isRuntimeId } from '../service/names';
import { isTransient } from '../service/status';

type Existing = LifecycleRequest & { readonly physicalId: string };

/** An agent runtime, from creation to the moment when it is gone. */
export class RuntimeLifecycle implements Lifecycle {
  constructor(private readonly plane: ControlPlane, private readonly context: LifecycleContext) {}

  public fallbackId({ owner, physicalId }: LifecycleRequest): string {
    return physicalId ?? `no-runtime/${owner.logicalId}`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleResult> {
    const begun = this.context.clock.now();
    const wanted = toRuntimeConfiguration(request.properties);
    const id = await this.createOrAdopt(wanted, request);
    try {
      await this.failIfDeleted(request.owner, begun);
      return resultOf(await this.waitUntilReady(id, request.signal));
    } catch (error) {
      throw new ResourceFailure(`${messageOf(error)}${await this.removeAfterFailure(id, request)}`, id, error);
    }
  }

  public async update(request: Existing): Promise<LifecycleResult> {
    const wanted = toRuntimeConfiguration(request.properties);
    const live = await this.settled(request.physicalId, request.signal);
    // a name cannot change, and a runtime that somebody deleted has to be made again: both are replacements
    if (!live || live.agentRuntimeName !== wanted.agentRuntimeName) return this.create(request);

    const differing = await this.converge(request.physicalId, wanted, request);
    await this.updateTags(live.agentRuntimeArn!, wanted.tags ?? {}, tagsOf(request.oldProperties));
    return resultOf(await this.waitUntilReady(request.physicalId, request.signal), differing);
  }

  public async remove(request: Existing): Promise<void> {
    // a create that still runs must see this, or be seen below: it may be about to make what nobody would delete any more
    const invented = !isRuntimeId(request.physicalId);
    if (invented) await this.tellDeletion(request);
    const id = invented ? await this.findOwn(request) : request.physicalId;
    if (id !== undefined) await this.removeAndWait(id, request);
  }

  private async createOrAdopt(wanted: RuntimeConfiguration, request: LifecycleRequest): Promise<string> {
    const tagged = { ...wanted, tags: { ...wanted.tags, ...ownerTags(request.owner) } };
    try {
      return await this.tolerant(request.signal, () => this.plane.create(tagged, clientToken(request)));
    } catch (error) {
      if (!isNamed(error, 'ConflictException')) throw error;
      // what this very resource made before is its own: an interrupted create, or the side of a replacement that is taken back
      const own = await this.findOwn(request);
      if (own === undefined) {
        throw new ResourceFailure(
          `a runtime named ${wanted.agentRuntimeName} exists already and is left as it is; choose another runtimeName, or leave it out (${messageOf(error)})`,
          undefined, error,
        );
      }
      this.context.log('taking over a runtime that this resource has made before', { id: own });
      await this.converge(own, wanted, request);
      return own;
    }
  }

  /**
   * Brings a runtime, its tags aside, to the wanted configuration; makes a version only if it differs, or if the last
   * attempt to make one failed.
   *
   * @returns the members that differed
   */
  private async converge(id: string, wanted: RuntimeConfiguration, request: LifecycleRequest): Promise<string[]> {
    const live = await this.settled(id, request.signal);
    const differing = live ? differingMembers(wanted, live as unknown as Record<string, unknown>) : [];
    const failed = live?.status?.endsWith('_FAILED') ?? false;
    if (differing.length === 0 && !failed) {
      this.context.log('nothing to update', { id });
      return [];
    }
    if (differing.length > 0 && refusesVersions(request)) {
      throw new ResourceFailure(
        `this update would make a new version of runtime ${id}, which empties the session storage of sessions on DEFAULT, and onVersionChange says to fail; `
        + `it differs in ${differing.join(', ')}; save the sessions' work, then allow the change, or take it back`,
      );
    }
    this.context.log('updating, which makes a new version', { id, differing, status: live?.status });
    await this.tolerant(request.signal, () => this.plane.update(id, wanted, clientToken(request)));
    return differing;
  }

  /** That a ledger cannot be reached is no reason for a stack that cannot be deleted. */
  private async tellDeletion({ owner, requestId }: LifecycleRequest): Promise<void> {
    await this.context.ledger.note(deletionKey(owner), requestId)
      .catch((error) => this.context.log('could not leave word of the deletion', { error: messageOf(error) }));
  }

  private async failIfDeleted(owner: Owner, begun: number): Promise<void> {
    const deletion = await this.context.ledger.last(deletionKey(owner));
    if (deletion && deletion.time >= begun) throw new Error('the resource was deleted while it was being created');
  }

  /** Roles and policies made a moment ago do not count everywhere at once: the runtime's role, and our own. */
  private tolerant<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const { clock } = this.context;
    const begun = clock.now();
    return retry(call, {
      clock,
      retryable: (error) => (isDenied(error) ? clock.now() < begun + FRESH_POLICY_MILLIS : isPropagation(error)),
      attempts: 20,
      firstPauseMillis: 1_000,
      longestPauseMillis: 10_000,
      signal,
      onRetry: (error) => this.context.log('a role or policy may not be visible to the service yet, trying again', { error: messageOf(error) }),
    });
  }

  /** Reads are eventually consistent: only what is seen twice in a row counts. */
  private async waitUntilReady(id: string, signal: AbortSignal): Promise<LiveRuntime> {
    let readyBefore = false;
    return waitFor(async () => {
      const live = await this.tolerant(signal, () => this.plane.get(id));
      if (!live) throw new Error(`runtime ${id} was deleted while waiting for it to become READY`);
      if (live.status!.endsWith('_FAILED')) throw new Error(`runtime ${id} is ${live.status}: ${live.failureReason ?? 'the service gave no reason'}`);
      const settled = live.status === 'READY' && readyBefore;
      readyBefore = live.status === 'READY';
      return settled ? live : undefined;
    }, this.context.clock, signal);
  }

  /** The runtime once the service is done with it; undefined if it is gone. */
  private async settled(id: string, signal: AbortSignal): Promise<LiveRuntime | undefined> {
    const { live } = await waitFor(async () => {
      const seen = await this.plane.get(id);
      return seen && isTransient(seen.status!) ? undefined : { live: seen };
    }, this.context.clock, signal);
    return live;
  }

  private async updateTags(arn: string, wanted: Tags, old: Tags): Promise<void> {
    const live = await this.plane.tags(arn);
    const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => live[key] !== value));
    const dropped = Object.keys(old).filter((key) => !(key in wanted) && key in live);
    if (dropped.length > 0) await this.plane.untag(arn, dropped);
    if (Object.keys(changed).length > 0) await this.plane.tag(arn, changed);
  }

  private async removeAndWait(id: string, request: LifecycleRequest): Promise<void> {
    try {
      if (!await this.settled(id, request.signal)) return;
      if (!await this.plane.remove(id, clientToken(request))) return;
    } catch (error) {
      // the service may deny access to what does not exist; only the list tells the two apart
      if (isDenied(error) && !await this.plane.exists(id)) return;
      throw error;
    }
    await waitFor(async () => {
      const live = await this.plane.get(id);
      if (live?.status === 'DELETE_FAILED') throw new Error(`runtime ${id} is DELETE_FAILED: ${live.failureReason ?? 'the service gave no reason'}`);
      return live ? undefined : true;
    }, this.context.clock, request.signal);
  }

  /** What failed to come up must not stay; should this fail too, the Delete that follows finds it by its id. */
  private async removeAfterFailure(id: string, request: LifecycleRequest): Promise<string> {
    return this.removeAndWait(id, request).then(() => '', (error) => `; runtime ${id} could not be removed yet (${messageOf(error)})`);
  }

  /** What an interrupted create of this very resource has left behind. */
  private async findOwn({ owner, properties }: LifecycleRequest): Promise<string | undefined> {
    const name = properties.AgentRuntimeName;
    const found = typeof name === 'string' ? await this.plane.findByName(name) : undefined;
    return found && isOwnedBy(owner, await this.plane.tags(found.arn)) ? found.id : undefined;
  }
}

function resultOf(live: LiveRuntime, differing: readonly string[] = []): LifecycleResult {
  const attributes: Record<RuntimeAttribute, string> = {
    'AgentRuntimeArn': live.agentRuntimeArn!,
    'AgentRuntimeId': live.agentRuntimeId!,
    'AgentRuntimeVersion': live.agentRuntimeVersion!,
    'Status': live.status!,
    'CreatedAt': live.createdAt!.toISOString(),
    'LastUpdatedAt': live.lastUpdatedAt!.toISOString(),
    'FailureReason': live.failureReason ?? '',
    'ChangedProperties': differing.join(','),
    'WorkloadIdentityDetails.WorkloadIdentityArn': live.workloadIdentityDetails?.workloadIdentityArn ?? '',
  };
  return { physicalId: live.agentRuntimeId!, attributes };
}

/**
 * Whether the user wants no new version. It counts from the deployment after the one that says so: on the way back from a
 * deployment that has allowed a version, the old version's content has to be allowed too.
 */
function refusesVersions({ properties, oldProperties }: LifecycleRequest): boolean {
  return properties[ON_VERSION_CHANGE] === 'FAIL' && oldProperties[ON_VERSION_CHANGE] === 'FAIL';
}

/** The same for each delivery of one request, so that the service answers a repeated call with the first one's result. */
function clientToken({ requestId, owner }: { readonly requestId: string; readonly owner: Owner }): string {
  return `request-${digest(owner.stackId, owner.logicalId, requestId)}`;
}

/** Where a Delete with an id that CloudFormation invented leaves word for a create that still runs. */
function deletionKey({ stackId, logicalId }: Owner): string {
  return `deleted/${digest(stackId, logicalId)}`;
}

function tagsOf(properties: Readonly<Record<string, unknown>>): Tags {
  return typeof properties.Tags === 'object' && properties.Tags !== null ? properties.Tags as Tags : {};
}

function isPropagation(error: unknown): boolean {
  return error instanceof Error && isRolePropagation(error.name, error.message);
}

function isDenied(error: unknown): boolean {
  return isNamed(error, 'AccessDeniedException');
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
