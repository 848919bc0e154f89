import { ADOPTED_RUNTIME_ID, ON_VERSION_CHANGE, RuntimeAttribute } from './contract';
import { hasOwner, isOwnedBy, ownerTags, stackOf, Tags } from './contract/ownership';
import { toRuntimeConfiguration } from './contract/properties';
import { ControlPlane, LiveRuntime } from './control-plane';
import { differingMembers } from './difference';
import { digest } from './digest';
import { fingerprint } from './fingerprint';
import { Lifecycle, LifecycleContext, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { Patience } from './patience';
import { Turn } from './turn';
import { NOTHING } from './turn-order';
import { describeError } from '../client/errors';
import { isRuntimeId } from '../service/names';

type Existing = LifecycleRequest & { readonly physicalId: string };
type Properties = LifecycleRequest['properties'];

/** What bringing a runtime in line came to: the members that differed, and the version that was made. */
interface Change {
  readonly differing: readonly string[];
  readonly version?: string;
}

/** The kind of turn that Creates and Deletes take; an Update takes that of the runtime that it was sent for. */
const EXISTENCE = 'existence';

/** An agent runtime, from creation to the moment when it is gone. */
export class RuntimeLifecycle implements Lifecycle {
  private readonly patience: Patience;

  constructor(private readonly plane: ControlPlane, private readonly context: LifecycleContext) {
    this.patience = new Patience(plane, context);
  }

  public fallbackId({ owner, physicalId }: LifecycleRequest): string {
    return physicalId ?? `no-runtime/${owner.logicalId}`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleResult> {
    const turn = await Turn.take(request, EXISTENCE, { before: NOTHING, after: fingerprint(request.properties) }, this.context);
    const adopted = request.properties[ADOPTED_RUNTIME_ID];
    return typeof adopted === 'string' ? this.adopt({ ...request, physicalId: adopted }, turn) : this.make(request, turn);
  }

  public async update(request: Existing): Promise<LifecycleResult> {
    const { physicalId, properties, oldProperties, signal } = request;
    const turn = await Turn.take(request, physicalId, { before: fingerprint(oldProperties), after: fingerprint(properties) }, this.context);
    const wanted = toRuntimeConfiguration(properties);
    const { [ADOPTED_RUNTIME_ID]: adopted = physicalId } = properties;
    if (adopted !== physicalId) throw new ResourceFailure(`runtime ${adopted} can be adopted by a new resource only, but this one has runtime ${physicalId} already; declare another one`);
    const live = await this.patience.settled(physicalId, signal);
    // a name cannot change, and a runtime that somebody deleted has to be made again: both are replacements
    if (!live || live.agentRuntimeName !== wanted.agentRuntimeName) return this.make(request, turn);

    const { differing, version } = await this.converge(physicalId, request, turn);
    if (version !== undefined && await turn.isOver()) return this.takeBack(request);
    await turn.check();
    await this.updateTags(live.agentRuntimeArn!, wanted.tags ?? {}, tagsOf(oldProperties));
    const result = resultOf(await this.patience.ready(physicalId, signal, version), differing);
    await this.removeOvertaken(request);
    return result;
  }

  public async remove(request: Existing): Promise<void> {
    // a create that still runs must see this, or be seen below: it may be about to make what nobody would delete any more
    const before = this.isOfUnheardCreate(request) ? fingerprint(request.properties) : undefined;
    await Turn.take(request, EXISTENCE, { before, after: NOTHING }, this.context);
    const { [ADOPTED_RUNTIME_ID]: adopted } = request.properties;
    if (typeof adopted === 'string') return this.release(adopted, request);
    const id = isRuntimeId(request.physicalId) ? request.physicalId : await this.findOwn(request, request.properties);
    if (id !== undefined) await this.patience.remove(id, clientToken(request), request.signal, (live) => this.isOthers(live, request));
  }

  /** Whether CloudFormation has invented the id, since it has not heard what its Create came to. */
  private isOfUnheardCreate(request: Existing): boolean {
    return !isRuntimeId(request.physicalId) && request.physicalId !== this.fallbackId({ ...request, physicalId: undefined });
  }

  /** Takes over a runtime that something else has made: another resource of the stack, or nothing that is known. */
  private async adopt(request: Existing, turn: Turn): Promise<LifecycleResult> {
    const { physicalId: id, properties, owner, signal } = request;
    const live = await this.patience.settled(id, signal);
    if (!live) throw new ResourceFailure(`there is no runtime ${id} that could be adopted; leave its id out to make one`);
    if (live.agentRuntimeName !== properties.AgentRuntimeName) {
      throw new ResourceFailure(`runtime ${id} cannot be adopted as ${properties.AgentRuntimeName}, since a name cannot change; set runtimeName to ${live.agentRuntimeName}`);
    }
    const stack = stackOf(await this.plane.tags(live.agentRuntimeArn!));
    if (stack !== undefined && stack !== owner.stackId) {
      throw new ResourceFailure(`runtime ${id} belongs to stack ${stack} and is left as it is; take it out of that stack first, or run its commands from here by its ARN`);
    }
    await turn.check();
    await this.plane.tag(live.agentRuntimeArn!, ownerTags(owner));
    // as if the resource had had these properties before: no version is made unless the runtime differs
    return this.update({ ...request, oldProperties: properties });
  }

  /** What was adopted goes back as it is for as long as the template says that it was; a roll-back cannot harm it. */
  private async release(id: string, { owner }: LifecycleRequest): Promise<void> {
    const live = await this.plane.get(id);
    if (!live || await this.isOthers(live, { owner })) return;
    this.context.log('leaving an adopted runtime as it is', { id });
    await this.plane.untag(live.agentRuntimeArn!, Object.keys(ownerTags(owner)));
  }

  /** Whether a runtime has an owner by now that is not this resource. */
  private async isOthers({ agentRuntimeArn, agentRuntimeId: id }: LiveRuntime, { owner }: Pick<LifecycleRequest, 'owner'>): Promise<boolean> {
    const tags = await this.plane.tags(agentRuntimeArn!);
    if (!hasOwner(tags) || isOwnedBy(owner, tags)) return false;
    this.context.log('leaving a runtime that another resource has adopted', { id });
    return true;
  }

  private async make(request: LifecycleRequest, turn: Turn): Promise<LifecycleResult> {
    const { id, version } = await this.createOrAdopt(request, turn);
    try {
      await turn.check();
      const ready = await this.patience.ready(id, request.signal, version);
      // updates of it are told by it to be late
      await Turn.take(request, id, { before: NOTHING, after: fingerprint(request.properties) }, this.context);
      return resultOf(ready);
    } catch (error) {
      // where the newer request wants a runtime of this very name, this one may be what it goes on with
      const wantedStill = request.oldProperties.AgentRuntimeName === request.properties.AgentRuntimeName && await turn.isOver();
      throw new ResourceFailure(`${describeError(error)}${wantedStill ? '' : await this.removeAfterFailure(id, request)}`, id, error);
    }
  }

  private async createOrAdopt(request: LifecycleRequest, turn: Turn): Promise<{ readonly id: string; readonly version?: string }> {
    const wanted = toRuntimeConfiguration(request.properties);
    const tagged = { ...wanted, tags: { ...wanted.tags, ...ownerTags(request.owner) } };
    try {
      return await this.patience.outlastFreshPolicies(request.signal, async () => {
        await turn.check();
        return { id: await this.plane.create(tagged, clientToken(request)) };
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
      // what this very resource made before is its own: an interrupted create, or the side of a replacement that is taken back
      const own = await this.findOwn(request, request.properties);
      if (own === undefined) {
        throw new ResourceFailure(
          `a runtime named ${wanted.agentRuntimeName} exists already and is left as it is; choose another runtimeName, or leave it out (${describeError(error)})`,
          undefined, error,
        );
      }
      this.context.log('taking over a runtime that this resource has made before', { id: own });
      const { version } = await this.converge(own, request, turn);
      return { id: own, version };
    }
  }

  /**
   * Brings a runtime, its tags aside, to the wanted configuration; makes a version only if it differs, or if the last
   * attempt to make one failed.
   */
  private async converge(id: string, request: LifecycleRequest, turn: Turn): Promise<Change> {
    const { signal, properties } = request;
    const wanted = toRuntimeConfiguration(properties);
    return await this.patience.whenSettled(id, signal, async (live): Promise<Change> => {
      const differing = differingMembers(wanted, live as unknown as Record<string, unknown>);
      if (differing.length === 0 && !live.status!.endsWith('_FAILED')) {
        this.context.log('nothing to update', { id });
        return { differing };
      }
      if (differing.length > 0 && refusesVersions(request)) {
        throw new ResourceFailure(
          `this update would make a new version of runtime ${id}, which empties the session storage of sessions on DEFAULT, and onVersionChange says to fail; `
          + `it differs in ${differing.join(', ')}; save the sessions' work, then allow the change, or take it back`,
        );
      }
      this.context.log('updating, which makes a new version', { id, differing, status: live.status });
      const version = await this.patience.outlastFreshPolicies(signal, async () => {
        await turn.check();
        return this.plane.update(id, wanted, clientToken(request));
      });
      return { differing, version };
    }) ?? { differing: [] };
  }

  /** The update that takes this one back may have looked at the runtime before this one changed it. */
  private async takeBack(request: Existing): Promise<never> {
    const old = toRuntimeConfiguration(request.oldProperties);
    await this.patience.whenSettled(request.physicalId, request.signal, async (live) => {
      if (differingMembers(old, live as unknown as Record<string, unknown>).length > 0) {
        await this.plane.update(request.physicalId, old, `${clientToken(request)}-back`);
      }
    });
    throw new Error('CloudFormation has gone on without this update, which was taken back');
  }

  private async updateTags(arn: string, wanted: Tags, old: Tags): Promise<void> {
    const live = await this.plane.tags(arn);
    const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => live[key] !== value));
    const dropped = Object.keys(old).filter((key) => !(key in wanted) && key in live);
    if (dropped.length > 0) await this.plane.untag(arn, dropped);
    if (Object.keys(changed).length > 0) await this.plane.tag(arn, changed);
  }

  /**
   * What failed to come up must not stay. Should this fail too, the Delete that follows finds it by its id; but where the
   * Delete came first, none follows.
   */
  private async removeAfterFailure(id: string, request: LifecycleRequest): Promise<string> {
    return this.patience.insist(request.signal, () => this.patience.remove(id, clientToken(request), request.signal))
      .then(() => '', (error) => `; runtime ${id} could not be removed yet (${describeError(error)})`);
  }

  /** An update to another name, cancelled before it could tell of the runtime that it made, is taken back by this one. */
  private async removeOvertaken(request: Existing): Promise<void> {
    const { physicalId, properties, oldProperties } = request;
    if (oldProperties.AgentRuntimeName === properties.AgentRuntimeName) return;
    const other = await this.findOwn(request, oldProperties);
    if (other === undefined || other === physicalId) return;
    this.context.log('removing a runtime that a cancelled update has left behind', { id: other });
    await this.patience.remove(other, clientToken(request), request.signal);
  }

  /** What this very resource has made under the name among some properties. */
  private async findOwn({ owner }: LifecycleRequest, { AgentRuntimeName: name }: Properties): Promise<string | undefined> {
    const found = typeof name === 'string' ? await this.plane.findByName(name) : undefined;
    return found && isOwnedBy(owner, await this.plane.tags(found.arn)) ? found.id : undefined;
  }
}

/** What is told of a runtime. */
export function resultOf(live: LiveRuntime, differing: readonly string[] = []): LifecycleResult {
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
function clientToken({ requestId, owner }: LifecycleRequest): string {
  return `request-${digest(owner.stackId, owner.logicalId, requestId)}`;
}

function tagsOf(properties: Readonly<Record<string, unknown>>): Tags {
  return typeof properties.Tags === 'object' && properties.Tags !== null ? properties.Tags as Tags : {};
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConflictException';
}
