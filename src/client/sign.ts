import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request that the SDK has no operation for. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Signs a request with the region and the credentials of a client.
 *
 * @param service its name in signatures
 */
export async function signed(
  client: BedrockAgentCoreClient | BedrockAgentCoreControlClient, service: string, { method, url, headers, body }: UnsignedRequest,
): Promise<HttpRequest> {
  const request = new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: url.port ? Number(url.port) : undefined,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...headers },
    body,
  });
  const { region, credentials, sha256 } = client.config;
  return await new SignatureV4({ service, region: await region(), credentials, sha256 }).sign(request) as HttpRequest;
}
