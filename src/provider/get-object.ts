import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { ObjectPlace, requestObject } from './object-request';
import { readAll } from './signed-call';

/**
 * Reads an object of S3 that fits into memory. Nothing is tried again.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function getObject(client: BedrockAgentCoreClient, place: ObjectPlace): Promise<string> {
  const { body } = await requestObject(client, { ...place, method: 'GET', failure: 'read' });
  return readAll(body);
}

/** Reads an object of S3 line by line, however long it is; lines without anything are passed over. */
export async function* linesOfObject(client: BedrockAgentCoreClient, place: ObjectPlace): AsyncIterable<string> {
  const { body } = await requestObject(client, { ...place, method: 'GET', failure: 'read' });
  const input = body as Readable;
  let broken: Error | undefined;
  // readline ends without a word where its input breaks off
  input.once('error', (error) => { broken = error; });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line !== '') yield line;
  }
  if (broken) throw broken;
}
