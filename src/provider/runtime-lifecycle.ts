import { RuntimeAttribute } from './contract';
import { ControlPlane, LiveRuntime } from './control-plane';
import { differingMembers } from './difference';
import { Lifecycle, LifecycleContext, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { digest } from './once';
import { isOwnedBy, Owner, ownerTags, Tags } from './ownership';
import { RuntimeConfiguration, toRuntimeConfiguration } from './properties';
import { waitFor } from './wait';
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
      await this.removeAfterFailure(id, request);
      throw new ResourceFailure(messageOf(error), id, error);
    }
  }

  public async update(request: Existing): Promise<LifecycleResult> {
    const wanted = toRuntimeConfiguration(request.properties);
    const live = await this.settled(request.physicalId, request.signal);
    // a name cannot change, and a runtime that somebody deleted has to be made again: both are replacements
    if (!live || live.agentRuntimeName !== wanted.agentRuntimeName) return this.create(request);

    await this.converge(request.physicalId, wanted, request);
    await this.updateTags(live.agentRuntimeArn!, wanted.tags ?? {}, tagsOf(request.oldProperties));
    return resultOf(await this.waitUntilReady(request.physicalId, request.signal));
  }

  public async remove(request: Existing): Promise<void> {
    // a create that still runs must see this, or be seen below: it may be about to make what nobody would delete any more
    const invented = !isRuntimeId(request.physicalId);
    if (invented) await this.context.ledger.note(deletionKey(request.owner), request.requestId);
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

  /** Brings a runtime, its tags aside, to the wanted configuration; makes a version only if it differs. */
  private async converge(id: string, wanted: RuntimeConfiguration, request: LifecycleRequest): Promise<void> {
    const live = await this.settled(id, request.signal);
    const differing = live ? differingMembers(wanted, live as unknown as Record<string, unknown>) : [];
    this.context.log(differing.length > 0 ? 'updating, which makes a new version' : 'nothing to update', { id, differing });
    if (differing.length > 0) await this.tolerant(request.signal, () => this.plane.update(id, wanted, clientToken(request)));
  }

  private async failIfDeleted(owner: Owner, begun: number): Promise<void> {
    const deletion = await this.context.ledger.last(deletionKey(owner));
    if (deletion && deletion.time >= begun) throw new Error('the resource was deleted while it was being created');
  }

  /** A role made a moment ago is not visible to the service at once. */
  private tolerant<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return retry(call, {
      clock: this.context.clock,
      retryable: (error) => error instanceof Error && isRolePropagation(error.name, error.message),
      attempts: 20,
      firstPauseMillis: 1_000,
      longestPauseMillis: 10_000,
      signal,
      onRetry: (error) => this.context.log('the role is not visible to the service yet, trying again', { error: messageOf(error) }),
    });
  }

  /** Reads are eventually consistent: only what is seen twice in a row counts. */
  private async waitUntilReady(id: string, signal: AbortSignal): Promise<LiveRuntime> {
    let readyBefore = false;
    return waitFor(async () => {
      const live = await this.plane.get(id);
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
    if (!await this.settled(id, request.signal)) return;
    try {
      if (!await this.plane.remove(id, clientToken(request))) return;
    } catch (error) {
      // the service may deny access to what does not exist; only the list tells the two apart
      if (isNamed(error, 'AccessDeniedException') && !await this.plane.exists(id)) return;
      throw error;
    }
    await waitFor(async () => {
      const live = await this.plane.get(id);
      if (live?.status === 'DELETE_FAILED') throw new Error(`runtime ${id} is DELETE_FAILED: ${live.failureReason ?? 'the service gave no reason'}`);
      return live ? undefined : true;
    }, this.context.clock, request.signal);
  }

  /** What failed to come up must not stay; should this fail too, the Delete that follows finds it by its id. */
  private async removeAfterFailure(id: string, request: LifecycleRequest): Promise<void> {
    await this.removeAndWait(id, request).catch((error) => this.context.log('could not clean up yet', { id, error: messageOf(error) }));
  }

  /** What an interrupted create of this very resource has left behind. */
  private async findOwn({ owner, properties }: LifecycleRequest): Promise<string | undefined> {
    const name = properties.AgentRuntimeName;
    const found = typeof name === 'string' ? await this.plane.findByName(name) : undefined;
    return found && isOwnedBy(owner, await this.plane.tags(found.arn)) ? found.id : undefined;
  }
}

function resultOf(live: LiveRuntime): LifecycleResult {
  const attributes: Record<RuntimeAttribute, string> = {
    'AgentRuntimeArn': live.agentRuntimeArn!,
    'AgentRuntimeId': live.agentRuntimeId!,
    'AgentRuntimeVersion': live.agentRuntimeVersion!,
    'Status': live.status!,
    'CreatedAt': live.createdAt!.toISOString(),
    'LastUpdatedAt': live.lastUpdatedAt!.toISOString(),
    'FailureReason': live.failureReason ?? '',
    'WorkloadIdentityDetails.WorkloadIdentityArn': live.workloadIdentityDetails?.workloadIdentityArn ?? '',
  };
  return { physicalId: live.agentRuntimeId!, attributes };
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

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
