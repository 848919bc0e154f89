import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { textOf } from './xml-text';
import { partitionOf } from '../../service/partition';
import { signed } from '../sign';

/** An operation of a service that speaks AWS's query protocol: a form goes there, XML comes back. */
export interface QueryCall {
  /** The service's name in endpoints and signatures. */
  readonly service: 'cloudformation' | 'sts';
  readonly action: string;
  readonly version: string;
  readonly parameters?: Readonly<Record<string, string | undefined>>;
}

/** An error that such a service answered with; `name` is its code. */
export class QueryError extends Error {
  public readonly $metadata: { readonly httpStatusCode: number };

  constructor(public readonly name: string, message: string, status: number) {
    super(message);
    this.$metadata = { httpStatusCode: status };
  }
}

/**
 * Calls one operation with the credentials, the transport and the signing of a client that is there anyway.
 *
 * The environment variables `AWS_ENDPOINT_URL_CLOUDFORMATION` and `AWS_ENDPOINT_URL_STS` name other endpoints, as the SDKs have it.
 *
 * @returns the XML of the answer
 */
export async function queryCall(
  client: BedrockAgentCoreClient | BedrockAgentCoreControlClient, { service, action, version, parameters = {} }: QueryCall,
): Promise<string> {
  const region = await client.config.region();
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = new URL(process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? `https://${service}.${region}.${suffix}`);
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const request = await signed(client, service, {
    method: 'POST',
    url: endpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([['Action', action], ['Version', version], ...given]).toString(),
  });
  const { response } = await client.config.requestHandler.handle(request);
  const xml = await readAll(response.body);
  if (response.statusCode < 300) return xml;
  throw new QueryError(textOf(xml, 'Code') ?? 'UnknownError', textOf(xml, 'Message') ?? `HTTP status ${response.statusCode} of ${service}`, response.statusCode);
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
