import { createHash } from 'node:crypto';
import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, IRole, ManagedPolicy, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { MAX_MANAGED_POLICY_CHARACTERS, textCharacters, writtenCharacters } from './policy-size';
import { Allowance, groupPairs, statementOf } from './policy-statements';
import { render } from './render';
import { isImmutable } from './role-permissions';
import { Pair } from '../service/permissions/pairs';

/**
 * How many policies hold what is allowed by name.
 *
 * IAM attaches ten to a role. A deployment that changes all of them has the old ones beside the new ones, and two are left to
 * whoever configures the role.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_NAMED_POLICIES = 4;

/**
 * Managed policies of a role for what is allowed by name, each with as much as it can hold, in the order in which it is asked for.
 *
 * They name no resource of the stack, so all may wait for them, and they stand in no cycle. The logical id of each carries a
 * hash of its content: CloudFormation makes a policy with another content before it changes what needs it, and removes the old
 * one after it has deleted what needed that.
 */
export class NamedPolicies {
  private readonly slots: Slot[] = [];
  private readonly slotOf = new Map<string, Slot | undefined>();
  private readonly written = new Map<string, string>();

  constructor(private readonly scope: Construct, private readonly role: IRole) {}

  /** @returns the policies that allow the pairs */
  public allow(pairs: readonly Pair[]): ManagedPolicy[] {
    const missing = pairs.filter((pair) => !this.slotOf.has(this.keyOf(pair)));
    if (missing.length > 0) {
      const slot = this.slotFor(groupPairs(missing));
      for (const pair of missing) this.slotOf.set(this.keyOf(pair), slot);
    }
    return [...new Set(pairs.flatMap((pair) => this.slotOf.get(this.keyOf(pair))?.policy ?? []))];
  }

  /** What IAM would refuse of the policies, as far as synth knows. */
  public faults(remedy: string): string[] {
    const { length } = this.slots;
    return [
      ...length > MAX_NAMED_POLICIES
        ? [`the runtimes and commands of this stack need ${length} managed policies on the role of their provider, but ${MAX_NAMED_POLICIES} is the most: IAM attaches 10 to a role, `
          + `and a deployment that changes them has the old ones beside the new ones; ${remedy}`]
        : [],
      ...this.slots.map((slot) => slot.settle()).filter((characters) => characters > MAX_MANAGED_POLICY_CHARACTERS)
        .map((characters) => `a managed policy of the provider has about ${characters} characters, but IAM allows ${MAX_MANAGED_POLICY_CHARACTERS}; ${remedy}`),
    ];
  }

  /** By what the template will have: each asset has its own token for their bucket. */
  private keyOf({ action, resource }: Pair): string {
    const written = this.written.get(resource) ?? JSON.stringify(render(Stack.of(this.scope), resource));
    this.written.set(resource, written);
    return `${action} ${written}`;
  }

  /** None for a role that takes no policies of this app: a report, or a warning, names what must be allowed. */
  private slotFor(allowances: readonly Allowance[]): Slot | undefined {
    const isMadeElsewhere = this.role instanceof Role && !this.role.node.tryFindChild('Resource');
    if (isMadeElsewhere || isImmutable(this.role)) {
      // by the role, since the report of `Role.customizeRoles` writes tokens of managed policies as they are in memory
      for (const allowance of allowances) this.role.addToPrincipalPolicy(statementOf(allowance));
      return undefined;
    }
    const last = this.slots.at(-1);
    const slot = last?.hasRoomFor(allowances) ? last : this.newSlot();
    slot.add(allowances);
    return slot;
  }

  private newSlot(): Slot {
    const slot = new Slot(this.scope, `Policy${this.slots.length + 1}`, this.role);
    this.slots.push(slot);
    return slot;
  }
}

class Slot {
  public readonly policy: ManagedPolicy;
  private readonly document = new PolicyDocument();
  private readonly resources = new Map<string, string[]>();
  private digest?: string;
  /** How many statements `digest` is of. */
  private digestedStatements = 0;
  private characters = JSON.stringify({ Statement: [], Version: '2012-10-17' }).length;

  constructor(private readonly scope: Construct, id: string, role: IRole) {
    this.policy = new ManagedPolicy(scope, id, {
      description: 'What the provider of AgentCore runtimes may do with what it knows by name',
      roles: [role],
      document: this.document,
    });
    this.nameByContent();
  }

  /**
   * Takes the name from the document as synth has found it.
   *
   * @returns how many characters it has
   */
  public settle(): number {
    const rendered = render(Stack.of(this.scope), this.document);
    this.digest = digestOf(rendered);
    this.digestedStatements = this.document.statementCount;
    return writtenCharacters(Stack.of(this.scope), rendered);
  }

  public hasRoomFor(allowances: readonly Allowance[]): boolean {
    return this.characters + this.charactersOf(allowances) <= MAX_MANAGED_POLICY_CHARACTERS;
  }

  public add(allowances: readonly Allowance[]): void {
    this.characters += this.charactersOf(allowances);
    this.digest = undefined;
    for (const allowance of allowances) {
      const key = keyOf(allowance);
      const known = this.resources.get(key);
      if (known) {
        known.push(...allowance.resources);
        continue;
      }
      const resources = [...allowance.resources];
      this.resources.set(key, resources);
      // more may come after a check has looked at the policy, and a statement that was rendered once takes no more resources
      this.document.addStatements(statementOf({ ...allowance, resources: Lazy.uncachedList({ produce: () => resources }) }));
    }
  }

  private nameByContent(): void {
    const resource = this.policy.node.defaultChild as CfnManagedPolicy;
    const stack = Stack.of(this.scope);
    resource.overrideLogicalId(Lazy.uncachedString({ produce: () => `${stack.getLogicalId(resource)}${this.currentDigest()}` }));
  }

  /** Kept, since all that depends on the policy asks for it, until there are more statements. */
  private currentDigest(): string {
    const stack = Stack.of(this.scope);
    const { statementCount } = this.document;
    // a nested template is written before `settle`, and its hash must be that of what it has in the end
    if (stack.nestedStackParent || this.digest === undefined || this.digestedStatements !== statementCount) {
      this.digest = digestOf(render(stack, this.document));
      this.digestedStatements = statementCount;
    }
    return this.digest;
  }

  private charactersOf(allowances: readonly Allowance[]): number {
    const stack = Stack.of(this.scope);
    const comma = ','.length;
    return allowances.reduce((sum, allowance) => {
      const { actions, resources, conditions } = allowance;
      const frame = this.resources.has(keyOf(allowance)) ? 0 : comma + textCharacters(stack, { Action: actions, Effect: 'Allow', Resource: [], Condition: conditions });
      return sum + frame + resources.reduce((all, resource) => all + comma + textCharacters(stack, resource), 0);
    }, 0);
  }
}

function digestOf(rendered: unknown): string {
  return createHash('sha256').update(JSON.stringify(rendered)).digest('hex').slice(0, 8);
}

function keyOf({ actions, conditions }: Allowance): string {
  return JSON.stringify([[...actions].sort(), conditions]);
}
