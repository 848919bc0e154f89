import { createHash } from 'node:crypto';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ProviderFunction } from '../runtime/provider-function';
import { endpointArn } from '../service/arn';

/**
 * Lets the provider run commands on one endpoint of a runtime; commands on the same endpoint share the policy.
 *
 * The service asks for the permission on the runtime and on the endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export function allowCommands(provider: ProviderFunction, resource: CfnResource, runtime: IRuntimeRef, qualifier: string): void {
  const id = `Commands${digest(runtime.node.addr, JSON.stringify(Stack.of(provider).resolve(qualifier)))}`;
  const runtimeArn = runtime.runtimeRef.agentRuntimeArn;
  const policy = provider.node.tryFindChild(id) as Policy | undefined ?? new Policy(provider, id, {
    statements: [new PolicyStatement({
      actions: ['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession'],
      resources: [runtimeArn, endpointArn(runtimeArn, qualifier)],
    })],
  });
  provider.allowFor(resource, policy);
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 8);
}
