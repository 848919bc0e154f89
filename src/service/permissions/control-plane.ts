import { Permission, Permissions } from './permission';
import { ResourceKind } from './resources';
import { SOURCES } from './sources';

const TAG_KEYS = ['aws:RequestTag/${TagKey}', 'aws:TagKeys'];

function agentCore(name: string, resources: readonly ResourceKind[], more: Partial<Permission> = {}): Permission {
  return { action: `bedrock-agentcore:${name}`, resources, source: SOURCES.authorization, ...more };
}

function linkedRole(kind: ResourceKind, more: Partial<Permission> = {}): Permission {
  return { action: 'iam:CreateServiceLinkedRole', resources: [kind], conditionKeys: ['iam:AWSServiceName'], source: SOURCES.linkedRoles, ...more };
}

/** What the service asks for when it is to run a configuration: of the creation and of each update. */
const CONFIGURATION: readonly Permission[] = [
  { action: 'iam:PassRole', resources: ['executionRole'], conditionKeys: ['iam:PassedToService'], source: SOURCES.authorization },
  { action: 's3:GetObject', resources: ['object'], when: 'code', source: SOURCES.codeDeployment },
  { action: 's3:GetObjectVersion', resources: ['object'], when: 'codeVersion', source: SOURCES.fullAccess },
  { action: 'kms:Decrypt', resources: ['key'], when: 'encrypted', source: SOURCES.codeDeployment },
  agentCore('PassCapacityProvider', ['capacityProvider'], { when: 'capacityProvider' }),
  linkedRole('identityRole'),
  linkedRole('networkRole', { when: 'vpc' }),
  // which call creates it is not documented; a runtime on a capacity provider is the first that needs it
  linkedRole('instancesRole', { when: 'capacityProvider', source: SOURCES.fullAccess }),
];

/** The permissions of the control plane's operations on runtimes, endpoints and capacity providers. */
export const CONTROL_PLANE_PERMISSIONS: Permissions = {
  CreateAgentRuntime: [
    agentCore('CreateAgentRuntime', ['anyRuntime'], { conditionKeys: TAG_KEYS, resourcesObserved: true }),
    // the service makes the DEFAULT endpoint and the workload identity of a runtime with it, in the caller's name
    agentCore('CreateAgentRuntimeEndpoint', ['anyRuntime'], { resourcesObserved: true }),
    agentCore('CreateWorkloadIdentity', ['identityDirectory', 'anyIdentity'], { resourcesObserved: true }),
    agentCore('TagResource', ['anyRuntime', 'identityDirectory', 'anyIdentity'], { when: 'tags', conditionKeys: TAG_KEYS, resourcesObserved: true }),
    ...CONFIGURATION,
  ],
  UpdateAgentRuntime: [agentCore('UpdateAgentRuntime', ['runtime']), ...CONFIGURATION],
  GetAgentRuntime: [agentCore('GetAgentRuntime', ['runtime'])],
  DeleteAgentRuntime: [
    agentCore('DeleteAgentRuntime', ['runtime']),
    agentCore('DeleteAgentRuntimeEndpoint', ['runtime', 'endpoint']),
    agentCore('DeleteWorkloadIdentity', ['identityDirectory', 'identity'], { resourcesObserved: true }),
  ],
  ListAgentRuntimes: [agentCore('ListAgentRuntimes', ['all'])],
  ListAgentRuntimeVersions: [agentCore('ListAgentRuntimeVersions', ['runtime'])],
  CreateAgentRuntimeEndpoint: [
    agentCore('CreateAgentRuntimeEndpoint', ['runtime'], { conditionKeys: TAG_KEYS }),
    agentCore('TagResource', ['endpoint'], { when: 'tags', conditionKeys: TAG_KEYS }),
  ],
  UpdateAgentRuntimeEndpoint: [agentCore('UpdateAgentRuntimeEndpoint', ['runtime', 'endpoint'])],
  GetAgentRuntimeEndpoint: [agentCore('GetAgentRuntimeEndpoint', ['runtime', 'endpoint'])],
  DeleteAgentRuntimeEndpoint: [agentCore('DeleteAgentRuntimeEndpoint', ['runtime', 'endpoint'])],
  ListAgentRuntimeEndpoints: [agentCore('ListAgentRuntimeEndpoints', ['runtime'])],
  ListTagsForResource: [agentCore('ListTagsForResource', ['runtime'])],
  TagResource: [agentCore('TagResource', ['runtime'], { conditionKeys: TAG_KEYS })],
  UntagResource: [agentCore('UntagResource', ['runtime'], { conditionKeys: ['aws:TagKeys'] })],
  PutResourcePolicy: [agentCore('PutResourcePolicy', ['runtime'])],
  GetResourcePolicy: [agentCore('GetResourcePolicy', ['runtime'])],
  DeleteResourcePolicy: [agentCore('DeleteResourcePolicy', ['runtime'])],
  CreateCapacityProvider: [
    agentCore('CreateCapacityProvider', ['anyCapacityProvider'], { conditionKeys: TAG_KEYS }),
    agentCore('TagResource', ['anyCapacityProvider'], { when: 'tags', conditionKeys: TAG_KEYS }),
    // with an instance profile its role too, to EC2; the request has the profile's ARN alone, which does not say what role that is
    { action: 'iam:PassRole', resources: ['operatorRole'], conditionKeys: ['iam:PassedToService'], source: SOURCES.authorization },
  ],
  // takes a description alone, and passes no role
  UpdateCapacityProvider: [agentCore('UpdateCapacityProvider', ['capacityProvider'])],
  GetCapacityProvider: [agentCore('GetCapacityProvider', ['capacityProvider'])],
  DeleteCapacityProvider: [agentCore('DeleteCapacityProvider', ['capacityProvider'])],
  ListCapacityProviders: [agentCore('ListCapacityProviders', ['all'])],
  ListAgentRuntimeVersionsByCapacityProvider: [agentCore('ListAgentRuntimeVersionsByCapacityProvider', ['capacityProvider'])],
};
