import { Readable } from 'node:stream';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { readAll, ServiceCallError } from './signed-call';
import { SYSTEM_CLOCK } from '../client/clock';
import { retry } from '../client/retry';
import { partitionOf } from '../service/partition';

export interface ObjectToPut {
  readonly bucket: string;
  readonly key: string;
  /** In bytes. */
  readonly length: number;
  /** From its beginning, each time. */
  readonly content: () => Readable;
}

/** What S3 takes in place of the digest of content that is not read twice; TLS protects it. */
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * Stores an object of S3 in one piece of at most 5 GB, with the credentials and the signing of a client that is there anyway.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putObject(client: BedrockAgentCoreClient, object: ObjectToPut): Promise<void> {
  await retry(() => put(client, object), {
    clock: SYSTEM_CLOCK,
    retryable: (error) => !(error instanceof ServiceCallError) || error.status >= 500,
    attempts: 4,
    firstPauseMillis: 500,
    longestPauseMillis: 4_000,
  });
}

async function put(client: BedrockAgentCoreClient, { bucket, key, length, content }: ObjectToPut): Promise<void> {
  const region = await client.config.region();
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL_S3 ?? `https://s3.${region}.${suffix}`);
  // S3 signs a path as it is written, once encoded, where other services encode it twice
  const signer = new SignatureV4({ service: 's3', region, credentials: client.config.credentials, sha256: client.config.sha256, uriEscapePath: false });
  const request = await signer.sign(new HttpRequest({
    method: 'PUT',
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: endpoint.port ? Number(endpoint.port) : undefined,
    // by path, which is right for every bucket name, with dots too
    path: `${endpoint.pathname.replace(/\/$/, '')}/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`,
    headers: { 'host': endpoint.host, 'content-length': String(length), 'content-type': 'text/plain; charset=utf-8', 'x-amz-content-sha256': UNSIGNED },
    body: length === 0 ? '' : content(),
  })) as HttpRequest;
  const { response } = await client.config.requestHandler.handle(request);
  const text = await readAll(response.body);
  if (response.statusCode < 300) return;
  const [, code = 'UnknownError'] = /<Code>([^<]*)/.exec(text) ?? [];
  throw new ServiceCallError(code, `s3://${bucket}/${key} could not be stored: ${/<Message>([^<]*)/.exec(text)?.[1] ?? `HTTP status ${response.statusCode}`}`, response.statusCode);
}
