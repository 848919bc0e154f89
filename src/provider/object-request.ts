import { Readable } from 'node:stream';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { readAll, ServiceCallError } from './signed-call';
import { partitionOf } from '../service/partition';

/** An object of S3, by its place. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectRequest extends ObjectPlace {
  readonly method: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** What could not be done, for the message of an error. */
  readonly failure: string;
}

/** What S3 takes in place of the digest of content that is not read twice; TLS protects it. */
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * One request about an object of S3, with the credentials and the signing of a client that is there anyway.
 *
 * @throws ServiceCallError for an answer that is an error
 */
export async function requestObject(client: BedrockAgentCoreClient, object: ObjectRequest): Promise<HttpResponse> {
  const { method, bucket, key, headers, body, failure } = object;
  const region = await client.config.region();
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL_S3 ?? `https://s3.${region}.${suffix}`);
  // S3 signs a path as it is written, once encoded, where other services encode it twice
  const signer = new SignatureV4({ service: 's3', region, credentials: client.config.credentials, sha256: client.config.sha256, uriEscapePath: false });
  const request = await signer.sign(new HttpRequest({
    method,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: endpoint.port ? Number(endpoint.port) : undefined,
    // by path, which is right for every bucket name, with dots too
    path: `${endpoint.pathname.replace(/\/$/, '')}/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`,
    headers: { 'host': endpoint.host, 'x-amz-content-sha256': UNSIGNED, ...headers },
    body,
  })) as HttpRequest;
  const { response } = await client.config.requestHandler.handle(request);
  if (response.statusCode < 300) return response;
  const text = await readAll(response.body);
  const [, code = 'UnknownError'] = /<Code>([^<]*)/.exec(text) ?? [];
  throw new ServiceCallError(code, `s3://${bucket}/${key} could not be ${failure}: ${/<Message>([^<]*)/.exec(text)?.[1] ?? `HTTP status ${response.statusCode}`}`, response.statusCode);
}
