import {
  BedrockAgentCoreControlClient, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { LiveRuntime, unlessGone } from './control-plane';

/** Where an endpoint stands. */
export interface LiveEndpoint {
  readonly status?: string;
  /** Absent until it has come up for the first time. */
  readonly liveVersion?: string;
}

/** What the control plane tells of endpoints and of the versions behind them, with "not there" as undefined. */
export interface EndpointReader {
  endpoint(runtimeId: string, name: string): Promise<LiveEndpoint | undefined>;
  version(runtimeId: string, version: string): Promise<LiveRuntime | undefined>;
}

export class SdkEndpointReader implements EndpointReader {
  constructor(private readonly client: BedrockAgentCoreControlClient) {}

  public endpoint(agentRuntimeId: string, endpointName: string): Promise<LiveEndpoint | undefined> {
    return unlessGone(this.client.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName })));
  }

  public version(agentRuntimeId: string, agentRuntimeVersion: string): Promise<LiveRuntime | undefined> {
    return unlessGone(this.client.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion })));
  }
}
