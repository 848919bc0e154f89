import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { partitionOf } from '../service/partition';

/** An operation of a service other than AgentCore. */
export interface ServiceCall {
  /** The service's name in endpoints and signatures. */
  readonly service: string;
  /** The environment variable that names another endpoint, as the SDKs have it. */
  readonly endpointVariable: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly signal?: AbortSignal;
}

/** An error that a service answered with. */
export class ServiceCallError extends Error {
  constructor(public readonly name: string, message: string, public readonly status: number) {
    super(message);
  }
}

/**
 * Calls one operation with the credentials, the transport and the signing of a client that is there anyway.
 *
 * The few operations of CloudWatch Logs and Lambda that the provider needs would cost 80 KB for each client of their own.
 */
export async function signedCall(client: BedrockAgentCoreClient, call: ServiceCall): Promise<any> {
  const region = await client.config.region();
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = new URL(process.env[call.endpointVariable] ?? `https://${call.service}.${region}.${suffix}`);
  const request = new HttpRequest({
    method: 'POST',
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: endpoint.port ? Number(endpoint.port) : undefined,
    path: call.path,
    headers: { host: endpoint.host, ...call.headers },
    body: JSON.stringify(call.body),
  });
  const signer = new SignatureV4({ service: call.service, region, credentials: client.config.credentials, sha256: client.config.sha256 });
  const { response } = await client.config.requestHandler.handle(await signer.sign(request) as HttpRequest, { abortSignal: call.signal });
  const text = await readAll(response.body);
  const answer = text ? JSON.parse(text) : {};
  if (response.statusCode < 300) return answer;
  const name = String(answer.__type ?? response.headers['x-amzn-errortype'] ?? 'UnknownError').replace(/^.*#|:.*$/g, '');
  throw new ServiceCallError(name, answer.message ?? answer.Message ?? `HTTP status ${response.statusCode}`, response.statusCode);
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
