import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ProviderFunction } from './provider-function';
import { endpointArn } from '../service/arn';

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

/**
 * Lets the provider of the stack create, update and delete one runtime.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
 */
export function allowProvisioning(scope: Construct, resource: CfnRuntime, runtime: ProvisionedRuntime): void {
  const provider = ProviderFunction.of(scope);
  const stack = Stack.of(scope);

  provider.allowInGeneral(
    new PolicyStatement({ actions: ['bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:ListAgentRuntimes'], resources: ['*'] }),
    linkedRoleStatement(stack, LINKED_ROLES.identity),
    ...(runtime.vpc ? [linkedRoleStatement(stack, LINKED_ROLES.network)] : []),
  );
  provider.acknowledgeAnyResource('a runtime has no ARN before it is created, and listing runtimes names none');

  provider.allowFor(resource, new Policy(scope, policyId(stack, runtime.name), {
    statements: [ownRuntimeStatement(stack, runtime.name), passRoleStatement(runtime.executionRoleArn)],
  }));
}

function ownRuntimeStatement(stack: Stack, name: string): PolicyStatement {
  // the service appends a hyphen and ten characters of its own choice to the name; `?` stands for exactly one
  const arn = stack.formatArn({ service: 'bedrock-agentcore', resource: 'runtime', resourceName: `${name}-??????????` });
  return new PolicyStatement({
    actions: [
      'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime',
      'GetAgentRuntimeEndpoint', 'ListAgentRuntimeEndpoints',
      'TagResource', 'UntagResource', 'ListTagsForResource',
    ].map((action) => `bedrock-agentcore:${action}`),
    resources: [arn, endpointArn(arn)],
  });
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
  const resolved = stack.resolve(name);
  const suffix = Token.isUnresolved(resolved) || typeof resolved !== 'string' ? '' : createHash('sha256').update(resolved).digest('hex').slice(0, 8);
  return `ProvisioningPolicy${suffix}`;
}
