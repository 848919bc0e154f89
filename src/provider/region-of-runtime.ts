import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { parseRuntimeArn } from '../service/arn';

/** A client for the region of a runtime, since no other region knows it: the given one, or one like it. */
export async function inRegionOf(runtimeArn: string, client: BedrockAgentCoreClient): Promise<BedrockAgentCoreClient> {
  const region = parseRuntimeArn(runtimeArn)?.region;
  if (region === undefined || region === await client.config.region()) return client;
  const { credentials, requestHandler, isCustomEndpoint, endpoint } = client.config;
  return new BedrockAgentCoreClient({ region, credentials, requestHandler, maxAttempts: 1, ...(isCustomEndpoint ? { endpoint } : {}) });
}
