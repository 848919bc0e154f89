import * as path from 'node:path';
import { CfnResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { bundledCode } from './bundled-code';
import { MAX_INLINE_POLICY_CHARACTERS, inlinePolicyCharacters } from './inline-policies';
import { renderedText } from './rendered-text';
import { byRule } from './rule-id';
import { PROVIDER_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from '../provider/contract';

/** Part of the logical ids of deployed stacks: must never change. */
const ID = 'CdkAgentCoreRuntimeProvider';

// both `src/runtime` and the compiled `lib/runtime` lie two levels below the root of the package
const BUNDLE = path.join(__dirname, '../../assets/provider/handler');

/** The function behind our custom resources: one per stack, with its role and its log group. */
export class ProviderFunction extends Construct {
  /** The provider of the stack that a construct is in. */
  public static of(scope: IConstruct): ProviderFunction {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild(ID) as ProviderFunction | undefined ?? new ProviderFunction(stack);
  }

  /** What every custom resource of the provider has among its properties. */
  public readonly serviceProperties: { readonly ServiceToken: string; readonly ServiceTimeout: string };
  private readonly role: Role;
  private readonly basics: PolicyDocument;
  private readonly policies = new Set<Policy>();
  private readonly general = new Set<string>();
  private readonly acknowledged: Record<string, string> = {};

  private constructor(stack: Stack) {
    super(stack, ID);

    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.basics = new PolicyDocument({
      statements: [
        new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'], resources: [logGroup.logGroupArn] }),
        // always: a roll-back takes the first runtime's permissions off the role before it deletes what creating it has left behind
        new PolicyStatement({ actions: ['bedrock-agentcore:ListAgentRuntimes'], resources: ['*'] }),
      ],
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Provisions AgentCore runtimes and runs commands in their sessions, for the custom resources of one stack',
      inlinePolicies: { Basics: this.basics },
    });
    this.acknowledgeWildcard('*', 'listing runtimes names none');
    const handler = new LambdaFunction(this, 'Function', {
      description: 'Provisions AgentCore runtimes and runs commands in their sessions, for the custom resources of one stack',
      // pinned: what `NODEJS_LATEST` means changes with the version of aws-cdk-lib, and would change users' snapshots
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: bundledCode(BUNDLE),
      memorySize: 256,
      timeout: Duration.seconds(PROVIDER_TIMEOUT_SECONDS),
      role: this.role,
      logGroup,
    });
    this.serviceProperties = { ServiceToken: handler.functionArn, ServiceTimeout: String(SERVICE_TIMEOUT_SECONDS) };
    this.node.addValidation({ validate: () => this.validatePolicies() });
  }

  /**
   * Allows what no single use owns, because it names no resource.
   *
   * @param what the statements are for; statements for the same are asked for and added once, whoever comes first
   */
  public allowInGeneral(what: string, statements: () => PolicyStatement[]): void {
    if (this.general.has(what)) return;
    this.general.add(what);
    this.basics.addStatements(...statements());
  }

  /** Says why some action of `allowInGeneral` can be allowed on nothing narrower than a resource with a wildcard. */
  public acknowledgeWildcard(resource: string, reason: string): void {
    // cdk-nag writes references into its ids as `<AWS::Region>`, and `Validations.acknowledge` takes no id with such colons in it
    const written = renderedText(Stack.of(this), resource, (intrinsic) => `<${(intrinsic as { readonly Ref: string }).Ref}>`);
    if (Object.keys(this.acknowledged).length === 0) this.role.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, this.acknowledged);
    this.acknowledged[`AwsSolutions-IAM5[Resource::${written}]`] = reason;
  }

  /** Lets the function call itself, as it does to watch what takes longer than one of its calls. */
  public allowToCallItself(resource: CfnResource): void {
    const id = 'CallItselfPolicy';
    // not among the basics: the function depends on its role, which then could not name the function
    this.allowFor(resource, this.node.tryFindChild(id) as Policy | undefined ?? new Policy(this, id, {
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.serviceProperties.ServiceToken] })],
    }));
  }

  /** Lets a policy count for the provider, from before the resource is created until after it is deleted. */
  public allowFor(resource: CfnResource, policy: Policy): void {
    policy.attachToRole(this.role);
    this.policies.add(policy);
    resource.node.addDependency(policy);
  }

  /** IAM would refuse longer policies in the middle of a deployment. */
  private validatePolicies(): string[] {
    const characters = inlinePolicyCharacters(Stack.of(this), [this.basics, ...[...this.policies].map(({ document }) => document)]);
    if (characters <= MAX_INLINE_POLICY_CHARACTERS) return [];
    return byRule('providerPolicies', [
      `the runtimes and commands of this stack need policies of about ${characters} characters on the role of their provider, but IAM allows `
      + `${MAX_INLINE_POLICY_CHARACTERS} in all; move some of the runtimes to another stack, which may be a NestedStack: each has a provider of its own`,
    ]);
  }
}
