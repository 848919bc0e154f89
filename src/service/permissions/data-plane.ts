import { Circumstance, Permission, Permissions } from './permission';
import { SOURCES } from './sources';

/** The service asks for each on the runtime and on the endpoint that is called. */
function onBoth(name: string, when?: Circumstance): Permission {
  return { action: `bedrock-agentcore:${name}`, resources: ['runtime', 'endpoint'], source: SOURCES.resourcePolicies, ...(when && { when }) };
}

/** The permissions of the data plane's operations. */
export const DATA_PLANE_PERMISSIONS: Permissions = {
  InvokeAgentRuntime: [onBoth('InvokeAgentRuntime'), onBoth('InvokeAgentRuntimeForUser', 'userId')],
  InvokeAgentRuntimeWithWebSocketStream: [
    onBoth('InvokeAgentRuntimeWithWebSocketStream'), onBoth('InvokeAgentRuntimeWithWebSocketStreamForUser', 'userId'),
  ],
  InvokeAgentRuntimeCommand: [onBoth('InvokeAgentRuntimeCommand')],
  InvokeAgentRuntimeCommandShell: [onBoth('InvokeAgentRuntimeCommandShell')],
  StopRuntimeSession: [onBoth('StopRuntimeSession')],
  DeleteCapacityProviderSession: [
    { action: 'bedrock-agentcore:DeleteCapacityProviderSession', resources: ['capacityProvider'], source: SOURCES.authorization },
  ],
};
