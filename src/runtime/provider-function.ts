import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { IRole, Policy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { configuredFunction } from './configured-function';
import { markAsCustomResourceHandler } from './custom-resource-config';
import { acknowledgeFindings, wildcardFinding } from './nag-findings';
import { NamedPolicies } from './named-policies';
import { MAX_INLINE_POLICY_CHARACTERS, policyCharacters } from './policy-size';
import { groupPairs, statementOf } from './policy-statements';
import { PROVIDER_CONFIGURATIONS, PROVIDER_ID } from './provider-configuration';
import { render } from './render';
import { referencesElsewhere, refersToResource } from './resource-reference';
import { byRule } from './rule-id';
import { PROVIDER_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from '../provider/contract';
import { CONFIGURATION_OPERATIONS, LONG_COMMAND_OPERATIONS, SEARCH_OPERATIONS } from '../provider/contract/operations';
import { PERMISSIONS } from '../service/permissions';
import { Pair, actionsOf } from '../service/permissions/pairs';

// both `src/runtime` and the compiled `lib/runtime` lie two levels below the root of the package
const BUNDLE = path.join(__dirname, '../../assets/provider/handler');

/** What reading code under a customer's key takes. */
const CODE_KEY_ACTIONS = CONFIGURATION_OPERATIONS.flatMap((operation) => PERMISSIONS[operation])
  .filter(({ when }) => when === 'encrypted').map(({ action }) => action);

/** The function behind our custom resources: one per stack, with its role and its log group. */
export class ProviderFunction extends Construct {
  /** The provider of the stack that a construct is in. */
  public static of(scope: IConstruct): ProviderFunction {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild(PROVIDER_ID) as ProviderFunction | undefined ?? new ProviderFunction(stack);
  }

  /** What every custom resource of the provider has among its properties. */
  public readonly serviceProperties: { readonly ServiceToken: string; readonly ServiceTimeout: string };
  private readonly role: IRole;
  private readonly basics: PolicyDocument;
  private readonly named: NamedPolicies;
  private readonly policies = new Map<Policy, PolicyLife>();
  private readonly acknowledged = new Set<string>();
  private readonly referring = new Map<string, boolean>();

  private constructor(stack: Stack) {
    super(stack, PROVIDER_ID);

    const configuration = PROVIDER_CONFIGURATIONS.of(stack);
    const codeKey = configuration?.codeEncryptionKey;
    const { handler, role, basics, logGroup } = configuredFunction(this, {
      description: 'Provisions AgentCore runtimes and runs commands in their sessions, for the custom resources of one stack',
      bundle: BUNDLE,
      timeout: Duration.seconds(PROVIDER_TIMEOUT_SECONDS),
      statements: [
        // always: no runtime and no policy may be left when an interrupted Create is deleted
        new PolicyStatement({ actions: actionsOf(SEARCH_OPERATIONS), resources: ['*'] }),
        ...codeKey ? [new PolicyStatement({ actions: CODE_KEY_ACTIONS, resources: [codeKey.keyArn] })] : [],
      ],
    }, configuration);
    this.role = role;
    this.basics = basics;
    this.named = new NamedPolicies(this, this.role);
    this.acknowledgeWildcard('*', configuration?.vpc ? 'listing runtimes names none, and a network interface has no name before it is made' : 'listing runtimes names none');
    markAsCustomResourceHandler(handler, configuration?.logGroup ? undefined : logGroup);
    this.serviceProperties = { ServiceToken: handler.functionArn, ServiceTimeout: String(SERVICE_TIMEOUT_SECONDS) };
    this.node.addValidation({ validate: () => this.validatePolicies() });
  }

  /**
   * Lets pairs that name no resource of the stack count for the provider, from before the resource is created until after it is
   * deleted; others are allowed too, but those wait for what they name.
   */
  public allowByName(resource: CfnResource, pairs: readonly Pair[]): void {
    const referring = pairs.filter((pair) => this.refersToResource(pair.resource));
    const named = referring.length === 0 ? pairs : pairs.filter((pair) => !referring.includes(pair));
    if (named.length > 0) resource.node.addDependency(...this.named.allow(named));
    if (referring.length === 0) return;
    const id = `Policy${this.digestOf(referring)}`;
    const shared = this.node.tryFindChild(id) as Policy | undefined;
    this.allowFor(resource, shared ?? new Policy(this, id, { statements: groupPairs(referring).map(statementOf) }));
  }

  /** Says why an action can be allowed on nothing narrower than a resource with a wildcard. */
  public acknowledgeWildcard(resource: string, reason: string): void {
    if (this.acknowledged.has(resource)) return;
    this.acknowledged.add(resource);
    acknowledgeFindings(this, wildcardFinding(this, resource, reason));
  }

  /** Lets the function call itself, as it does to watch what takes longer than one of its calls. */
  public allowToCallItself(resource: CfnResource): void {
    const id = 'CallItselfPolicy';
    // not among the basics: the function depends on its role, which then could not name the function
    this.allowFor(resource, this.node.tryFindChild(id) as Policy | undefined ?? new Policy(this, id, {
      statements: [new PolicyStatement({ actions: actionsOf(LONG_COMMAND_OPERATIONS), resources: [this.serviceProperties.ServiceToken] })],
    }));
  }

  /** Lets an inline policy count for the provider, from before the resource is created until after it is deleted. */
  public allowFor(resource: CfnResource, policy: Policy, life: PolicyLife = {}): void {
    // by the role, which takes note of it alone if roles are made elsewhere
    if (!this.policies.has(policy)) this.role.attachInlinePolicy(policy);
    this.policies.set(policy, life);
    resource.node.addDependency(policy);
  }

  private digestOf(pairs: readonly Pair[]): string {
    const stack = Stack.of(this);
    const elsewhere = pairs.flatMap(({ resource }) => referencesElsewhere(stack, resource));
    return createHash('sha256').update(JSON.stringify(render(stack, pairs)) + elsewhere.join('')).digest('hex').slice(0, 8);
  }

  /** Asked once for each resource, which most pairs share with others. */
  private refersToResource(resource: string): boolean {
    const refers = this.referring.get(resource) ?? refersToResource(Stack.of(this), resource);
    this.referring.set(resource, refers);
    return refers;
  }

  /** IAM would refuse longer or more policies in the middle of a deployment. */
  private validatePolicies(): string[] {
    const remedy = 'move some of the runtimes to another stack, which may be a NestedStack: each has a provider of its own';
    return byRule('providerPolicies', [...this.inlineFaults(remedy), ...this.named.faults(remedy)]);
  }

  private inlineFaults(remedy: string): string[] {
    const of = (document: PolicyDocument) => policyCharacters(Stack.of(this), document);
    const characters = [...this.policies]
      .reduce((sum, [{ document }, { mayHaveSuccessor }]) => sum + of(document) * (mayHaveSuccessor ? 2 : 1), of(this.basics));
    if (characters <= MAX_INLINE_POLICY_CHARACTERS) return [];
    return [`the runtimes and commands of this stack need inline policies of about ${characters} characters on the role of their provider, counting those of runtimes `
      + `twice, since a deployment that renames all has the old and the new ones at once, but IAM allows ${MAX_INLINE_POLICY_CHARACTERS}; ${remedy}`];
  }
}

/** What becomes of an inline policy. */
interface PolicyLife {
  /** Whether a deployment may replace it, which has both on the role for a while. */
  readonly mayHaveSuccessor?: boolean;
}
