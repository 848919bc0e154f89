import { createHash } from 'node:crypto';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime } from '../runtime/agent-runtime';
import { ProviderFunction } from '../runtime/provider-function';
import { endpointArn } from '../service/arn';

const COMMAND_ACTIONS = ['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession'];

/**
 * Lets the provider run commands on one endpoint of a runtime.
 *
 * The service asks for the permission on the runtime and on the endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export function allowCommands(provider: ProviderFunction, resource: CfnResource, runtime: IRuntimeRef, qualifier: string): void {
  const own = runtime instanceof AgentRuntime && Stack.of(runtime) === Stack.of(provider) ? runtime._provisioningPolicy : undefined;
  if (own) {
    // what is provisioned here is known by its name, and its policy is there before it: no policy more is needed
    own.allowOnEndpoint(qualifier, COMMAND_ACTIONS);
    provider.allowFor(resource, own);
    return;
  }
  const id = `Commands${digest(runtime.node.addr, JSON.stringify(Stack.of(provider).resolve(qualifier)))}`;
  const shared = provider.node.tryFindChild(id) as Policy | undefined;
  const { agentRuntimeArn } = runtime.runtimeRef;
  provider.allowFor(resource, shared ?? new Policy(provider, id, {
    statements: [new PolicyStatement({ actions: COMMAND_ACTIONS, resources: [agentRuntimeArn, endpointArn(agentRuntimeArn, qualifier)] })],
  }));
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 8);
}
