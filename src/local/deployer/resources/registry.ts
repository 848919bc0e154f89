import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { BucketHandler } from './bucket';
import { CapacityProviderHandler } from './capacity-provider';
import { CloudFormationPlane } from './cloudformation-plane';
import { CustomResourceHandler } from './custom-resource';
import { STACK_TYPE } from '../engine/events';
import { HandlerLookup, ResourceHandler } from '../engine/handler';
import { NestedStacks } from '../engine/nested';
import { DeployerError } from '../errors';
import { InlinePolicyHandler } from './iam/inline-policy';
import { ManagedPolicyHandler } from './iam/managed-policy';
import { RoleHandler } from './iam/role';
import { LambdaFunctionHandler } from './lambda-function';
import { LogGroupHandler } from './log-group';
import { NativeRuntimeHandler } from './native-runtime';
import { NestedStackHandler, TemplateLookup } from './nested-stack';
import { ResourcePolicyHandler } from './resource-policy';
import { RuntimeEndpointHandler } from './runtime-endpoint';
import { STAND_IN_TYPES, standInFor, STUB } from './stand-ins';
import { STATE_MACHINE, STATE_MACHINE_TYPE } from './state-machine';
import { Clock } from '../../../client/clock';
import { AssetLookup } from '../assembly/locations';
import { CodeStore } from '../lambda/code-store';
import { FUNCTION_TYPE, FunctionDirectory } from '../lambda/directory';
import { LocalIam } from '../local-iam';
import { CustomResourceClient } from '../protocol/client';

/** `true`: every unknown type is deployed as a stub; a list: the types in it. */
export type AllowStubs = boolean | readonly string[];

export interface RegistryOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  readonly code: CodeStore;
  readonly assets: AssetLookup;
  readonly templates: TemplateLookup;
  /** Asked for when they are needed: they work with these handlers. */
  readonly nestedStacks: () => NestedStacks;
  readonly functions: FunctionDirectory;
  readonly customResources: CustomResourceClient;
  readonly iam: LocalIam;
  readonly allowStubs: AllowStubs;
}

const CUSTOM_RESOURCE_TYPE = 'AWS::CloudFormation::CustomResource';

const CONTROL_PLANE_TYPES = ['Runtime', 'RuntimeEndpoint', 'CapacityProvider', 'ResourcePolicy'].map((name) => `AWS::BedrockAgentCore::${name}`);

const IAM_TYPES = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy'] as const;

/** The handlers of all types that can be deployed locally. */
export function handlerRegistry(options: RegistryOptions): HandlerLookup {
  const { endpoint, region, clock, iam } = options;
  const sdk = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const control = new BedrockAgentCoreControlClient(sdk);
  const custom = new CustomResourceHandler(options.functions, options.customResources);
  const handlers: Readonly<Record<string, ResourceHandler>> = {
    'AWS::BedrockAgentCore::Runtime': new NativeRuntimeHandler(new CloudFormationPlane(new BedrockAgentCoreControlClient(sdk)), clock),
    'AWS::BedrockAgentCore::RuntimeEndpoint': new RuntimeEndpointHandler(control, clock),
    'AWS::BedrockAgentCore::CapacityProvider': new CapacityProviderHandler(control, clock),
    'AWS::BedrockAgentCore::ResourcePolicy': new ResourcePolicyHandler(control),
    'AWS::Logs::LogGroup': new LogGroupHandler(new CloudWatchLogsClient(sdk)),
    ...iamHandlers(iam),
    'AWS::S3::Bucket': new BucketHandler(iam),
    [FUNCTION_TYPE]: new LambdaFunctionHandler(options.code, options.assets),
    [STATE_MACHINE_TYPE]: STATE_MACHINE,
    [CUSTOM_RESOURCE_TYPE]: custom,
    [STACK_TYPE]: new NestedStackHandler(options.nestedStacks, options.templates),
  };
  return (type) => {
    if (type.startsWith('Custom::')) return custom;
    if (Object.hasOwn(handlers, type)) return handlers[type];
    return standInFor(type) ?? (isStubbed(type, options.allowStubs) ? STUB : undefined);
  };
}

function iamHandlers(iam: LocalIam): Readonly<Record<(typeof IAM_TYPES)[number], ResourceHandler>> {
  return {
    'AWS::IAM::Role': new RoleHandler(iam),
    'AWS::IAM::Policy': new InlinePolicyHandler(iam, 'AWS::IAM::Policy'),
    'AWS::IAM::RolePolicy': new InlinePolicyHandler(iam, 'AWS::IAM::RolePolicy'),
    'AWS::IAM::ManagedPolicy': new ManagedPolicyHandler(iam),
  };
}

function isStubbed(type: string, allowed: AllowStubs): boolean {
  return typeof allowed === 'boolean' ? allowed : allowed.includes(type);
}

/**
 * Refuses types without a handler, all of them at once.
 *
 * @param resources logical ids and types, as they stand in the templates
 */
export function refuseUnknownTypes(resources: Iterable<readonly [string, string]>, handlers: HandlerLookup): void {
  const unknown = new Map<string, string[]>();
  for (const [id, type] of resources) {
    if (!handlers(type)) unknown.set(type, [...unknown.get(type) ?? [], id]);
  }
  if (unknown.size === 0) return;
  const named = [...unknown].map(([type, ids]) => `${type} (${ids.join(', ')})`).join(', ');
  throw new DeployerError(
    `resource types that cannot be deployed locally: ${named}; take them out of the local deployment, or allow stubs for them. `
    + `Known are Custom::*, ${CUSTOM_RESOURCE_TYPE}, ${STACK_TYPE}, ${FUNCTION_TYPE}, ${CONTROL_PLANE_TYPES.join(', ')}, AWS::Logs::LogGroup, ${IAM_TYPES.join(', ')}, AWS::S3::Bucket, ${STATE_MACHINE_TYPE}, ${STAND_IN_TYPES.join(', ')}`,
  );
}
