import { endpointArn } from '../arn';

/** The names from which ARNs are made. Each may be a pattern (`coder-??????????`) or a CDK token. */
export interface ResourceNames {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly runtimeId?: string;
  /** Of a runtime that is known by its ARN, in place of its id. */
  readonly runtimeArn?: string;
  readonly endpointName?: string;
  readonly capacityProviderArn?: string;
  readonly executionRoleArn?: string;
  readonly operatorRoleArn?: string;
  readonly bucketName?: string;
  readonly objectKey?: string;
  readonly keyArn?: string;
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  readonly functionArn?: string;
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly eventBusArn?: string;
}

/** Service-linked roles that the service creates in an account, in the name of whoever calls it. */
export const LINKED_ROLES = {
  identityRole: { service: 'runtime-identity.bedrock-agentcore.amazonaws.com', role: 'AWSServiceRoleForBedrockAgentCoreRuntimeIdentity' },
  networkRole: { service: 'network.bedrock-agentcore.amazonaws.com', role: 'AWSServiceRoleForBedrockAgentCoreNetwork' },
  instancesRole: { service: 'runtime-instances.bedrock-agentcore.amazonaws.com', role: 'AWSServiceRoleForBedrockAgentCoreRuntimeInstances' },
} as const;

/** The account's one directory of workload identities; each runtime has an identity in it, of the runtime's id. */
const DIRECTORY = 'workload-identity-directory/default';

type ArnOf = (names: ResourceNames) => string;

const agentCore = (resource: string): ArnOf => ({ partition, region, account }) => `arn:${partition}:bedrock-agentcore:${region}:${account}:${resource}`;
const runtime: ArnOf = (names) => names.runtimeArn ?? agentCore(`runtime/${needed(names, 'runtimeId')}`)(names);
const linkedRole = ({ service, role }: { readonly service: string; readonly role: string }): ArnOf =>
  ({ partition, account }) => `arn:${partition}:iam::${account}:role/aws-service-role/${service}/${role}`;
const logGroup: ArnOf = (names) => `arn:${names.partition}:logs:${names.region}:${names.account}:log-group:${needed(names, 'logGroupName')}`;

const ARNS = {
  /** No resource: the action knows none. */
  all: () => '*',
  /** The service asks on the literal `runtime/*` as long as a runtime has no id. */
  anyRuntime: agentCore('runtime/*'),
  runtime,
  endpoint: (names) => endpointArn(runtime(names), names.endpointName),
  identityDirectory: agentCore(DIRECTORY),
  /** As `anyRuntime`: literally so, as long as the runtime has no id. */
  anyIdentity: agentCore(`${DIRECTORY}/workload-identity/*`),
  identity: (names) => agentCore(`${DIRECTORY}/workload-identity/${needed(names, 'runtimeId')}`)(names),
  anyCapacityProvider: agentCore('capacity-provider/*'),
  capacityProvider: (names) => needed(names, 'capacityProviderArn'),
  executionRole: (names) => needed(names, 'executionRoleArn'),
  /** Of a capacity provider. */
  operatorRole: (names) => needed(names, 'operatorRoleArn'),
  identityRole: linkedRole(LINKED_ROLES.identityRole),
  networkRole: linkedRole(LINKED_ROLES.networkRole),
  instancesRole: linkedRole(LINKED_ROLES.instancesRole),
  bucket: (names) => `arn:${names.partition}:s3:::${needed(names, 'bucketName')}`,
  object: (names) => `arn:${names.partition}:s3:::${needed(names, 'bucketName')}/${needed(names, 'objectKey')}`,
  key: (names) => needed(names, 'keyArn'),
  logGroup: (names) => `${logGroup(names)}:*`,
  logStream: (names) => `${logGroup(names)}:log-stream:${needed(names, 'logStreamName')}`,
  function: (names) => needed(names, 'functionArn'),
  stateMachine: (names) => needed(names, 'stateMachineArn'),
  execution: (names) => needed(names, 'executionArn'),
  executionRule: ({ partition, region, account }) => `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
  eventBus: (names) => needed(names, 'eventBusArn'),
} as const satisfies Readonly<Record<string, ArnOf>>;

/** A kind of resource on which a permission is asked for. */
export type ResourceKind = keyof typeof ARNS;

/**
 * The ARN of a resource, as a policy names it and as a service asks for it.
 *
 * @throws an error if the kind of resource needs a name that is not given
 */
export function resourceArn(kind: ResourceKind, names: ResourceNames): string {
  return ARNS[kind](names);
}

function needed(names: ResourceNames, name: keyof ResourceNames): string {
  const value = names[name];
  if (value === undefined) throw new Error(`the ARN needs ${name}, which is not given`);
  return value;
}
