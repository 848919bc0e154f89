import { createHash } from 'node:crypto';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ProviderFunction } from './provider-function';
import { ProvisioningPolicy } from './provisioning-policy';
import { endpointArn } from '../service/arn';
import { actionsOf, pairsOf } from '../service/permissions/pairs';

/** What the provider is to do with a runtime on one of its endpoints. */
export interface RuntimeUse {
  readonly runtime: IRuntimeRef;
  readonly endpointName: string;
  readonly operations: readonly string[];
  /** Part of the logical ids of deployed stacks: must never change. */
  readonly id: string;
}

/**
 * Lets the provider use one endpoint of a runtime that it may not have made.
 *
 * The service asks for permissions on the runtime and on the endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export function allowUse(provider: ProviderFunction, resource: CfnResource, { runtime, endpointName, operations, id }: RuntimeUse): void {
  const own = Stack.of(runtime) === Stack.of(provider) ? ProvisioningPolicy.of(runtime) : undefined;
  if (own) {
    provider.allowByName(resource, pairsOf({ operations, kinds: ['runtime', 'endpoint'], names: { ...own.names, endpointName } }));
    return;
  }
  const unique = `${id}${digest(runtime.node.addr, JSON.stringify(Stack.of(provider).resolve(endpointName)))}`;
  const shared = provider.node.tryFindChild(unique) as Policy | undefined;
  const { agentRuntimeArn } = runtime.runtimeRef;
  provider.allowFor(resource, shared ?? new Policy(provider, unique, {
    statements: [new PolicyStatement({ actions: actionsOf(operations), resources: [agentRuntimeArn, endpointArn(agentRuntimeArn, endpointName)] })],
  }));
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 8);
}
