import { PromotionAttribute, PromotionProperties } from './contract';
import { InvalidPropertiesError } from './contract/properties';
import { differingMembers } from './difference';
import { digest } from './digest';
import { EndpointReader } from './endpoint-reader';
import { outlastFreshPolicies } from './fresh-policies';
import { Lifecycle, LifecycleContext, LifecycleRequest, LifecycleResult } from './lifecycle';
import { waitFor } from './wait';
import { describeError } from '../client/errors';
import { isRuntimeId, validateEndpointName } from '../service/names';
import { isTransient } from '../service/status';
import { validateVersion } from '../service/version';

/** How many of the versions that an endpoint was on before are looked at. */
const REMEMBERED = 4;

/**
 * Tells which version of a runtime an endpoint is to be on, and changes nothing itself.
 *
 * It is the newest version, unless the endpoint is on a version, or was on one shortly before, that has the same
 * configuration. A roll-back ends on a new version with the old configuration: to move there would empty the session
 * storage behind the endpoint and change nothing else.
 */
export class PromotionLifecycle implements Lifecycle {
  constructor(private readonly reader: EndpointReader, private readonly context: LifecycleContext) {}

  public fallbackId({ owner }: LifecycleRequest): string {
    return `promotion-${digest(owner.stackId, owner.logicalId)}`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleResult> {
    const promotion = parsePromotion(request.properties);
    const version = await this.choose(promotion, request);
    this.context.log(version === promotion.AgentRuntimeVersion ? 'endpoint is to be on the newest version' : 'endpoint has that configuration already', { ...promotion, version });
    const attributes: Record<PromotionAttribute, string> = { AgentRuntimeVersion: version };
    return { physicalId: this.fallbackId(request), attributes };
  }

  public async update(request: LifecycleRequest): Promise<LifecycleResult> {
    return this.create(request);
  }

  public async remove(): Promise<void> {
    // the endpoint is a resource of its own
  }

  private async choose(promotion: PromotionProperties, request: LifecycleRequest): Promise<string> {
    const { AgentRuntimeId: id, AgentRuntimeVersion: newest } = promotion;
    const wanted = await outlastFreshPolicies(() => this.reader.version(id, newest), this.context, request.signal);
    if (!wanted) throw new Error(`runtime ${id} has no version ${newest}; the endpoint stays where it is`);

    const key = `promoted/${digest(request.owner.stackId, request.owner.logicalId, id, promotion.EndpointName)}`;
    const live = await this.settledVersion(promotion, request.signal);
    const noted = await this.previous(key);
    const candidates = live === undefined ? [] : [...new Set([live, ...noted])];
    const chosen = await this.firstLike(wanted, newest, candidates, promotion, request.signal) ?? newest;
    await this.remember(key, noted[0], live === undefined ? [chosen] : [live, chosen]);
    return chosen;
  }

  private async firstLike(
    wanted: object, newest: string, candidates: readonly string[], { AgentRuntimeId: id }: PromotionProperties, signal: AbortSignal,
  ): Promise<string | undefined> {
    for (const candidate of candidates) {
      if (candidate === newest) return newest;
      const found = await outlastFreshPolicies(() => this.reader.version(id, candidate), this.context, signal);
      if (found && isSame(wanted, found)) return candidate;
    }
    return undefined;
  }

  /** The version that an endpoint is on once the service is done with it; undefined where there is no endpoint. */
  private async settledVersion({ AgentRuntimeId: id, EndpointName: name }: PromotionProperties, signal: AbortSignal): Promise<string | undefined> {
    const { live } = await waitFor(async () => {
      const seen = await outlastFreshPolicies(() => this.reader.endpoint(id, name), this.context, signal);
      return seen && isTransient(seen.status!) ? undefined : { live: seen };
    }, this.context.clock, signal);
    return live?.liveVersion;
  }

  /** The versions that the endpoint was on, the last one first; none where the ledger cannot be reached. */
  private async previous(key: string): Promise<string[]> {
    const notes = await this.context.ledger.recent(key, REMEMBERED).catch((error) => {
      this.context.log('could not learn where the endpoint was before', { error: describeError(error) });
      return [];
    });
    return notes.map(({ text }) => text).reverse();
  }

  private async remember(key: string, last: string | undefined, versions: readonly string[]): Promise<void> {
    try {
      for (const [i, version] of versions.entries()) {
        if (version !== (versions[i - 1] ?? last)) await this.context.ledger.note(key, version);
      }
    } catch (error) {
      this.context.log('could not note where the endpoint is', { error: describeError(error) });
    }
  }
}

function isSame(one: object, other: object): boolean {
  const [a, b] = [one, other] as Readonly<Record<string, unknown>>[];
  // both ways: what only one side has set counts as a difference only from the side that has it
  return differingMembers(a, b).length === 0 && differingMembers(b, a).length === 0;
}

/** Checks again what synth checked, since tokens pass synth. */
function parsePromotion(properties: Readonly<Record<string, unknown>>): PromotionProperties {
  const text = (name: keyof PromotionProperties) => String(properties[name] ?? '');
  const promotion = { AgentRuntimeId: text('AgentRuntimeId'), EndpointName: text('EndpointName'), AgentRuntimeVersion: text('AgentRuntimeVersion') };
  const faults = [
    ...(isRuntimeId(promotion.AgentRuntimeId) ? [] : [`AgentRuntimeId ${JSON.stringify(promotion.AgentRuntimeId)} is not the id of a runtime`]),
    ...validateEndpointName(promotion.EndpointName),
    ...validateVersion(promotion.AgentRuntimeVersion),
  ];
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return promotion;
}
