import { CfnResource, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { namesIn } from './named-runtime-arn';
import { ProviderFunction } from './provider-function';
import { ProvisioningPolicy } from './provisioning-policy';
import { pairsOf } from '../service/permissions/pairs';

/** What the provider is to do with a runtime on one of its endpoints. */
export interface RuntimeUse {
  readonly runtime: IRuntimeRef;
  readonly endpointName: string;
  readonly operations: readonly string[];
}

/**
 * Lets the provider use one endpoint of a runtime that it may not have made.
 *
 * The service asks for permissions on the runtime and on the endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export function allowUse(provider: ProviderFunction, resource: CfnResource, { runtime, endpointName, operations }: RuntimeUse): void {
  const stack = Stack.of(provider);
  const own = Stack.of(runtime) === stack ? ProvisioningPolicy.of(runtime) : undefined;
  const names = own?.names ?? namesIn(stack, { runtimeArn: runtime.runtimeRef.agentRuntimeArn });
  provider.allowByName(resource, pairsOf({ operations, kinds: ['runtime', 'endpoint'], names: { ...names, endpointName } }));
}
