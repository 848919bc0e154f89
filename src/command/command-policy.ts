import { CfnResource } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { ProviderFunction } from '../runtime/provider-function';
import { allowUse } from '../runtime/runtime-policy';

/** Lets the provider run commands on one endpoint of a runtime; where one runs on deletion, until the resource is gone. */
export function allowCommands(provider: ProviderFunction, resource: CfnResource, runtime: IRuntimeRef, qualifier: string, onDelete: boolean): void {
  const actions = ['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession'];
  allowUse(provider, resource, { id: 'Commands', runtime, endpointName: qualifier, actions, untilDeleted: onDelete });
}
