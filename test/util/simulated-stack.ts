import { Policy, providerPolicies } from './policies';
import { TemplateJson } from './stacks';

/** What the provider's role may do at a moment, and what is on it. */
export interface Moment {
  /** `create`, `update` or `delete`, and the logical id that it is about to happen to. */
  readonly action: string;
  readonly logicalId: string;
  /** The resource as it is in the template that the action comes from. */
  readonly resource: Resource;
  readonly template: TemplateJson;
  /** All that the provider's role has. */
  readonly policies: readonly Policy[];
  /** All that is there, what was replaced too. */
  readonly live: readonly Pick<Moment, 'resource' | 'template'>[];
}

type Resource = TemplateJson['Resources'][string];
type Choose = <T>(among: readonly T[]) => T;

/** One physical resource, with the template that it was last brought in line with. */
interface Live {
  readonly logicalId: string;
  readonly resource: Resource;
  readonly template: TemplateJson;
}

/**
 * A stack of one role and what depends on its policies, in the order of CloudFormation: creations and updates after what they
 * depend on, then the clean-up, dependents first. What does not depend on each other happens in any order.
 */
export class SimulatedStack {
  private live = new Map<string, Live>();

  /**
   * @param choose which of those that may come next comes next
   * @param onAction hears of each action just before it happens
   */
  constructor(private readonly choose: Choose, private readonly onAction: (moment: Moment) => void) {}

  /** Brings the stack to a template; it fails before the action of that number, and is rolled back. */
  public deploy(template: TemplateJson, failBefore = Infinity): void {
    const before = new Map(this.live);
    const replaced: Live[] = [];
    if (this.apply(template, replaced, failBefore)) {
      this.cleanUp([...this.live.values()].filter(({ logicalId }) => !(logicalId in template.Resources)), replaced);
      return;
    }
    const made = [...this.live.values()].filter(({ logicalId }) => !before.has(logicalId));
    const [old] = [...before.values()].map((live) => live.template);
    if (!old) return this.cleanUp(made, []);
    // what was replaced is taken back as it is, and its replacement goes
    const obsolete = replaced.map(({ logicalId }) => this.live.get(logicalId)!);
    for (const live of replaced) this.live.set(live.logicalId, live);
    this.apply(old, [], Infinity);
    this.cleanUp(made, obsolete);
  }

  public destroy(): void {
    this.cleanUp([...this.live.values()], []);
  }

  private apply(template: TemplateJson, replaced: Live[], failBefore: number): boolean {
    const waiting = new Set(Object.keys(template.Resources));
    for (let count = 0; waiting.size > 0; count++) {
      const next = this.choose([...waiting].filter((id) => dependenciesOf(template, id).every((other) => !waiting.has(other))));
      if (count >= failBefore) return false;
      const resource = template.Resources[next];
      const known = this.live.get(next);
      if (JSON.stringify(known?.resource.Properties) !== JSON.stringify(resource.Properties)) {
        this.tell(known ? 'update' : 'create', { logicalId: next, resource, template }, replaced);
        if (known && identityOf(known.resource) !== identityOf(resource)) replaced.push(known);
      }
      this.live.set(next, { logicalId: next, resource, template });
      waiting.delete(next);
    }
    return true;
  }

  private cleanUp(removed: readonly Live[], replaced: readonly Live[]): void {
    const waiting = new Set([...removed, ...replaced]);
    const waits = (before: Live) => [...waiting]
      .some((after) => after !== before && dependenciesOf(after.template, after.logicalId).includes(before.logicalId));
    while (waiting.size > 0) {
      const next = this.choose([...waiting].filter((live) => !waits(live)));
      this.tell('delete', next, [...waiting]);
      waiting.delete(next);
      if (this.live.get(next.logicalId) === next) this.live.delete(next.logicalId);
    }
  }

  private tell(action: string, { logicalId, resource, template }: Live, besides: readonly Live[]): void {
    const live = [...new Set([...this.live.values(), ...besides])];
    const policies = providerPolicies({ Resources: Object.fromEntries(live.map((one) => [one.logicalId, one.resource])) });
    this.onAction({ action, logicalId, resource, template, policies, live });
  }
}

/** A runtime of another name is another runtime, and a command in another runtime another command. */
function identityOf({ Properties: { AgentRuntimeName, AgentRuntimeArn } }: Resource): string {
  return JSON.stringify([AgentRuntimeName, AgentRuntimeArn]);
}

const known = new WeakMap<Resource, readonly string[]>();

function dependenciesOf({ Resources }: TemplateJson, id: string): readonly string[] {
  const resource = Resources[id];
  const dependencies = known.get(resource) ?? [...new Set([
    ...[resource.DependsOn ?? []].flat(),
    ...[...JSON.stringify(resource.Properties).matchAll(/\{"(?:Ref":|Fn::GetAtt":\[)"(\w+)"/g)].map(([, name]) => name),
  ])].filter((name) => name in Resources);
  known.set(resource, dependencies);
  return dependencies;
}
