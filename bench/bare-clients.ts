import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, ListTagsForResourceCommand,
  paginateListAgentRuntimes, TagResourceCommand, UntagResourceCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';

// the provider makes its clients once, when it is loaded: so does this
export const clients = [new BedrockAgentCoreClient({}), new BedrockAgentCoreControlClient({})];
export const operations = [
  InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand,
  CreateAgentRuntimeCommand, GetAgentRuntimeCommand, UpdateAgentRuntimeCommand, DeleteAgentRuntimeCommand,
  ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand, paginateListAgentRuntimes,
];
