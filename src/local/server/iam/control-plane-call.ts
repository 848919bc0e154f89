import { requestTags, CallFacts } from './call';
import { parseRuntimeArn } from '../../../service/arn';
import { partitionOf } from '../../../service/partition';
import { Circumstance, Permission } from '../../../service/permissions/permission';
import { LINKED_ROLES, ResourceKind, ResourceNames } from '../../../service/permissions/resources';
import { IamRequest } from '../../iam/evaluate';
import { LOCAL_ACCOUNT } from '../../identity';
import { ControlPlaneState, RuntimeConfiguration } from '../control/records';
import { isGone } from '../control/transition';

/** What an input may name of what its permission depends on; the model has checked it. */
interface NamingInput extends Partial<RuntimeConfiguration> {
  readonly agentRuntimeId?: string;
  readonly endpointName?: string;
  readonly name?: string;
  readonly resourceArn?: string;
  readonly capacityProviderId?: string;
  readonly permissionsConfiguration?: { readonly capacityProviderOperatorRoleArn: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly tagKeys?: readonly string[];
}

export interface ControlPlaneView {
  readonly state: ControlPlaneState;
  readonly now: number;
  readonly region: string;
  /** The keys of KMS by the names of the buckets that are under them. */
  readonly bucketKeys: Readonly<Record<string, string>>;
}

/** What a call of the control plane depends on. */
export function controlPlaneCall(operation: string, input: NamingInput, view: ControlPlaneView): CallFacts {
  const { state, now, region, bucketKeys } = view;
  const { resourceArn, tags = {}, tagKeys, roleArn, agentRuntimeArtifact, capacityProviderConfiguration, networkConfiguration } = input;
  const account = { partition: partitionOf(region), region, account: LOCAL_ACCOUNT };
  const code = agentRuntimeArtifact?.codeConfiguration?.code.s3;
  const keyArn = code && Object.hasOwn(bucketKeys, code.bucket) ? bucketKeys[code.bucket] : undefined;
  const has: Readonly<Record<Exclude<Circumstance, 'userId'>, boolean>> = {
    tags: Object.keys(tags).length > 0,
    code: code !== undefined,
    codeVersion: code?.versionId !== undefined,
    encrypted: keyArn !== undefined,
    capacityProvider: capacityProviderConfiguration !== undefined,
    vpc: networkConfiguration?.networkMode === 'VPC',
  };
  return {
    operation,
    names: {
      ...account,
      ...runtimeNames(input),
      capacityProviderArn: capacityProviderConfiguration?.capacityProviderArn ?? capacityProviderArn(input.capacityProviderId, account),
      executionRoleArn: roleArn,
      operatorRoleArn: input.permissionsConfiguration?.capacityProviderOperatorRoleArn,
      bucketName: code?.bucket,
      objectKey: code?.prefix,
      keyArn,
    },
    circumstances: new Set(Object.entries(has).filter(([, is]) => is).map(([name]) => name as Circumstance)),
    arns: resourceArn === undefined ? {} : { runtime: resourceArn },
    tagsOf: (arn) => tagsAt(state, now, arn),
    context: (permission, kind) => ({
      ...tagContext(permission, tags, tagKeys),
      ...ownContext(permission, kind, operation, input),
    }),
  };
}

function runtimeNames({ agentRuntimeId, endpointName, name, resourceArn }: NamingInput) {
  const parts = resourceArn === undefined ? undefined : parseRuntimeArn(resourceArn);
  return { runtimeId: agentRuntimeId ?? parts?.runtimeId, endpointName: endpointName ?? (agentRuntimeId === undefined ? parts?.endpointName : name) };
}

function capacityProviderArn(id: string | undefined, { partition, region, account }: Pick<ResourceNames, 'partition' | 'region' | 'account'>) {
  return id === undefined ? undefined : `arn:${partition}:bedrock-agentcore:${region}:${account}:capacity-provider/${id}`;
}

function tagContext({ conditionKeys = [] }: Permission, tags: Readonly<Record<string, string>>, tagKeys: readonly string[] | undefined) {
  if (!conditionKeys.includes('aws:TagKeys')) return {};
  if (tagKeys) return { 'aws:TagKeys': tagKeys };
  return Object.keys(tags).length > 0 ? requestTags(tags) : {};
}

/** The condition keys of AgentCore and of roles. */
function ownContext({ action }: Permission, kind: ResourceKind, operation: string, input: NamingInput): IamRequest['context'] {
  switch (action) {
    case 'iam:PassRole': return { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' };
    case 'iam:CreateServiceLinkedRole': return { 'iam:AWSServiceName': LINKED_ROLES[kind as keyof typeof LINKED_ROLES].service };
    case `bedrock-agentcore:${operation}`: return configurationContext(input);
    default: return {};
  }
}

function configurationContext({ agentRuntimeArtifact, networkConfiguration, authorizerConfiguration }: NamingInput): IamRequest['context'] {
  if (!agentRuntimeArtifact) return {};
  const { subnets = [], securityGroups = [] } = networkConfiguration?.networkModeConfig ?? {};
  return {
    'bedrock-agentcore:subnets': subnets,
    'bedrock-agentcore:securityGroups': securityGroups,
    'bedrock-agentcore:RuntimeAuthorizerType': authorizerConfiguration ? 'CUSTOM_JWT' : 'AWS_IAM',
  };
}

/** The tags of a runtime, an endpoint or a capacity provider that is there. */
export function tagsAt({ runtimes, capacityProviders }: ControlPlaneState, now: number, arn: string): Readonly<Record<string, string>> | undefined {
  const provider = capacityProviders.find((candidate) => candidate.arn === arn && !isGone(candidate.state, now));
  if (provider) return provider.tags;
  const parts = parseRuntimeArn(arn);
  const runtime = runtimes.find(({ id, state }) => id === parts?.runtimeId && !isGone(state, now));
  if (parts?.endpointName === undefined) return runtime?.tags;
  return runtime?.endpoints.find(({ name, state }) => name === parts.endpointName && !isGone(state, now))?.tags;
}
