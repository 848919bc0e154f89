import { Readable } from 'node:stream';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { ObjectPlace, requestObject } from './object-request';
import { readAll, ServiceCallError } from './signed-call';
import { SYSTEM_CLOCK } from '../client/clock';
import { retry } from '../client/retry';

export interface ObjectToPut extends ObjectPlace {
  /** In bytes. */
  readonly length: number;
  /** From its beginning, each time. */
  readonly content: () => Readable;
  /** Plain text unless told. */
  readonly contentType?: string;
}

/**
 * Stores an object of S3 in one piece of at most 5 GB.
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

async function put(client: BedrockAgentCoreClient, { bucket, key, length, content, contentType = 'text/plain; charset=utf-8' }: ObjectToPut): Promise<void> {
  const headers = { 'content-length': String(length), 'content-type': contentType };
  const { body } = await requestObject(client, { method: 'PUT', bucket, key, headers, body: length === 0 ? '' : content(), failure: 'stored' });
  await readAll(body);
}
