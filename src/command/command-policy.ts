import { CfnResource } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { COMMAND_OPERATIONS } from '../provider/contract/operations';
import { ProviderFunction } from '../runtime/provider-function';
import { allowUse } from '../runtime/runtime-policy';

/** Lets the provider run commands on one endpoint of a runtime, until the resource is gone. */
export function allowCommands(provider: ProviderFunction, resource: CfnResource, runtime: IRuntimeRef, qualifier: string): void {
  allowUse(provider, resource, { runtime, endpointName: qualifier, operations: COMMAND_OPERATIONS });
}
