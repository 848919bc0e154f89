import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { agentCoreArn, namedRuntimeArn, runtimeIdPattern } from './named-runtime-arn';
import { ProviderFunction } from './provider-function';
import { render } from './render';
import { endpointArn } from '../service/arn';
import { DEFAULT_ENDPOINT } from '../service/names';

/** The runtime that the provider is to provision. */
export interface ProvisionedRuntime {
  readonly name: string;
  readonly executionRoleArn: string;
  readonly vpc: boolean;
}

/** Service-linked roles that the creator of a first runtime in an account creates with it. */
const LINKED_ROLES = {
  identity: { service: 'runtime-identity.bedrock-agentcore.amazonaws.com', role: 'AWSServiceRoleForBedrockAgentCoreRuntimeIdentity' },
  network: { service: 'network.bedrock-agentcore.amazonaws.com', role: 'AWSServiceRoleForBedrockAgentCoreNetwork' },
};

/** The account's one directory of workload identities; each runtime has an identity in it, of the runtime's id. */
const IDENTITY_DIRECTORY = 'workload-identity-directory/default';

/**
 * Lets the provider of the stack create, update and delete one runtime, with the endpoint and the workload identity that
 * the service makes and removes with it, in the caller's name.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
 */
export function allowProvisioning(scope: Construct, resource: CfnRuntime, runtime: ProvisionedRuntime): ProvisioningPolicy {
  const provider = ProviderFunction.of(scope);
  const stack = Stack.of(scope);
  provider.allowInGeneral('creation', () => [creationStatement(provider, stack), linkedRoleStatement(stack, LINKED_ROLES.identity)]);
  if (runtime.vpc) provider.allowInGeneral('network', () => [linkedRoleStatement(stack, LINKED_ROLES.network)]);

  const policy = new ProvisioningPolicy(scope, runtime);
  provider.allowFor(resource, policy);
  return policy;
}

function creationStatement(provider: ProviderFunction, stack: Stack): PolicyStatement {
  // before a runtime is there, the service asks for these on the literal ARNs that end in `/*`, which no name matches
  const [runtimes, directory, identities] = ['runtime/*', IDENTITY_DIRECTORY, `${IDENTITY_DIRECTORY}/workload-identity/*`]
    .map((part) => agentCoreArn(stack, part));
  provider.acknowledgeWildcard(runtimes, 'a runtime has no ARN before it is created');
  provider.acknowledgeWildcard(identities, 'the workload identity of a runtime has no ARN before it is created');
  return new PolicyStatement({
    actions: agentCoreActions('CreateAgentRuntime', 'CreateAgentRuntimeEndpoint', 'CreateWorkloadIdentity', 'TagResource'),
    resources: [runtimes, directory, identities],
  });
}

/** What the provider may do with one runtime; names it by its name, and so stands in no cycle with it. */
export class ProvisioningPolicy extends Policy {
  /** The policy for a runtime that the provider of its stack provisions; undefined for every other runtime. */
  public static of(runtime: IConstruct): ProvisioningPolicy | undefined {
    return runtime.node.children.find((child) => child instanceof ProvisioningPolicy);
  }

  private readonly runtimeArn: string;
  private readonly runtimeStatement: PolicyStatement;

  constructor(scope: Construct, { name, executionRoleArn }: ProvisionedRuntime) {
    const stack = Stack.of(scope);
    super(scope, policyId(stack, name));

    this.runtimeArn = namedRuntimeArn(stack, name);
    // one statement, also for what applies to some of the resources only: the policies of a role must not get long
    this.runtimeStatement = new PolicyStatement({
      actions: agentCoreActions(
        'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'DeleteWorkloadIdentity',
        'UntagResource', 'ListTagsForResource',
      ),
      resources: [
        this.runtimeArn, endpointArn(this.runtimeArn),
        agentCoreArn(stack, IDENTITY_DIRECTORY), agentCoreArn(stack, `${IDENTITY_DIRECTORY}/workload-identity/${runtimeIdPattern(name)}`),
      ],
    });
    this.addStatements(this.runtimeStatement, passRoleStatement(executionRoleArn));
  }

  /** Allows more actions on the runtime and one of its endpoints. */
  public allowOnEndpoint(endpointName: string, actions: string[]): void {
    if (endpointName === DEFAULT_ENDPOINT) {
      this.runtimeStatement.addActions(...actions);
    } else {
      this.addStatements(new PolicyStatement({ actions, resources: [this.runtimeArn, endpointArn(this.runtimeArn, endpointName)] }));
    }
  }
}

function agentCoreActions(...names: string[]): string[] {
  return names.map((name) => `bedrock-agentcore:${name}`);
}

function passRoleStatement(roleArn: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } },
  });
}

function linkedRoleStatement(stack: Stack, { service, role }: { readonly service: string; readonly role: string }): PolicyStatement {
  return new PolicyStatement({
    actions: ['iam:CreateServiceLinkedRole'],
    resources: [stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${service}/${role}` })],
    conditions: { StringEquals: { 'iam:AWSServiceName': service } },
  });
}

/**
 * An id that changes with the runtime's name: a renamed runtime gets a second policy, and the first one stays until the
 * runtime of the old name is deleted.
 */
function policyId(stack: Stack, name: string): string {
  const rendered = render(stack, name);
  const suffix = typeof rendered !== 'string' ? '' : createHash('sha256').update(rendered).digest('hex').slice(0, 8);
  return `ProvisioningPolicy${suffix}`;
}
