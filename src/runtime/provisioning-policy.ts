import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { namesIn, runtimeIdPattern } from './named-runtime-arn';
import { groupPairs, statementOf } from './policy-statements';
import { ProviderFunction } from './provider-function';
import { render } from './render';
import { RuntimeCode } from './runtime-code';
import { CONFIGURATION_OPERATIONS, RUNTIME_OPERATIONS } from '../provider/contract/operations';
import { Pair, pairsOf } from '../service/permissions/pairs';
import { Circumstance } from '../service/permissions/permission';
import { ResourceNames, resourceArn } from '../service/permissions/resources';

/** The runtime that the provider is to provision. */
export interface ProvisionedRuntime {
  readonly name: string;
  readonly executionRoleArn: string;
  readonly capacityProviderArn?: string;
  /** Undefined for a container. */
  readonly code?: RuntimeCode;
}

/**
 * Lets the provider of the stack create, update and delete one runtime, with the endpoint and the workload identity that
 * the service makes and removes with it, in the caller's name.
 *
 * What deleting takes is all allowed by name: it is in force until the runtime is gone.
 */
export function allowProvisioning(scope: Construct, resource: CfnRuntime, runtime: ProvisionedRuntime): void {
  const provider = ProviderFunction.of(scope);
  const names = namesIn(Stack.of(scope), { runtimeId: runtimeIdPattern(runtime.name) });
  provider.allowByName(resource, creationPairs(names));
  acknowledgeCreation(provider, names);
  if (runtime.code?.isAsset) allowAssets(provider, resource, { ...names, bucketName: runtime.code.bucketName });
  provider.allowByName(resource, pairsOf({ operations: RUNTIME_OPERATIONS, kinds: ['runtime', 'endpoint', 'identityDirectory', 'identity'], names }));

  const policy = new ProvisioningPolicy(scope, runtime.name, configurationPairs(runtime, names), names);
  provider.allowFor(resource, policy, { mayHaveSuccessor: true });
}

/** Lets the provider use a capacity provider that the runtime gets after it was declared; does nothing for runtimes of others. */
export function allowCapacityProvider(resource: CfnRuntime, capacityProviderArn: string): void {
  const runtime = resource.node.scope!;
  const own = ProvisioningPolicy.of(runtime);
  if (!own) return;
  const pairs = pairsOf({
    operations: CONFIGURATION_OPERATIONS, kinds: ['capacityProvider'], names: { ...own.names, capacityProviderArn }, circumstances: ['capacityProvider'],
  });
  own.addStatements(...groupPairs(pairs).map(statementOf));
}

/** On what has no name before it is created, and on the service's own roles. */
function creationPairs(names: ResourceNames): Pair[] {
  return pairsOf({
    operations: CONFIGURATION_OPERATIONS,
    kinds: ['anyRuntime', 'identityDirectory', 'anyIdentity', 'identityRole', 'networkRole', 'instancesRole'],
    names,
    // always: users have seen the service create each role outside of them too
    circumstances: ['tags', 'vpc', 'capacityProvider'],
  });
}

function acknowledgeCreation(provider: ProviderFunction, names: ResourceNames): void {
  provider.acknowledgeWildcard(resourceArn('anyRuntime', names), 'a runtime has no ARN before it is created');
  provider.acknowledgeWildcard(resourceArn('anyIdentity', names), 'the workload identity of a runtime has no ARN before it is created');
}

/** On all assets at once: each change of the code is another object, and a rollback goes back to the one before. */
function allowAssets(provider: ProviderFunction, resource: CfnRuntime, bucket: ResourceNames): void {
  const names = { ...bucket, objectKey: '*' };
  provider.allowByName(resource, pairsOf({ operations: CONFIGURATION_OPERATIONS, kinds: ['object'], names, circumstances: ['code'] }));
  provider.acknowledgeWildcard(resourceArn('object', names), 'each change of the code is another object in the bucket of assets');
}

function configurationPairs({ executionRoleArn, capacityProviderArn, code }: ProvisionedRuntime, names: ResourceNames): Pair[] {
  const own = code?.isAsset ? undefined : code;
  const circumstances: Circumstance[] = [
    ...capacityProviderArn === undefined ? [] : ['capacityProvider' as const],
    ...own ? ['code' as const] : [],
    ...own?.objectVersion === undefined ? [] : ['codeVersion' as const],
  ];
  return pairsOf({
    operations: CONFIGURATION_OPERATIONS,
    kinds: ['executionRole', 'object', 'capacityProvider'],
    names: { ...names, executionRoleArn, capacityProviderArn, bucketName: own?.bucketName, objectKey: own?.objectKey },
    circumstances,
  });
}

/** What the configuration of one runtime refers to: the provider may take it to the service. */
export class ProvisioningPolicy extends Policy {
  /** The policy for a runtime that the provider of its stack provisions; undefined for every other runtime. */
  public static of(runtime: IConstruct): ProvisioningPolicy | undefined {
    return runtime.node.children.find((child) => child instanceof ProvisioningPolicy);
  }

  /** @param names those by which the provider knows the runtime */
  constructor(scope: Construct, name: string, pairs: readonly Pair[], public readonly names: ResourceNames) {
    super(scope, policyId(Stack.of(scope), name), { statements: groupPairs(pairs).map(statementOf) });
  }
}

/** Part of the logical ids of deployed stacks, in which the policy has more than this: must never change. */
function policyId(stack: Stack, name: string): string {
  const rendered = render(stack, name);
  const suffix = typeof rendered !== 'string' ? '' : createHash('sha256').update(rendered).digest('hex').slice(0, 8);
  return `ProvisioningPolicy${suffix}`;
}
