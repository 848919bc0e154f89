import { BedrockAgentCoreControlClient, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { JsonObject } from '../json';
import { tagsOf } from '../template/stack-tags';

/** How long a resource of the control plane may take to get ready or to go, in milliseconds. */
const PATIENCE_MILLIS = 30 * 60_000;

/** Ends the waiting for a resource. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MILLIS);
}

/** What a call answers; undefined where its resource is not there. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  });
}

/** Brings the tags of a resource from those of one template to those of another; others stay. */
export async function updateTags(client: BedrockAgentCoreControlClient, resourceArn: string, old: JsonObject, wanted: JsonObject): Promise<void> {
  const [before, after] = [tagsOf(old), tagsOf(wanted)];
  const dropped = Object.keys(before).filter((key) => !(key in after));
  if (dropped.length > 0) await client.send(new UntagResourceCommand({ resourceArn, tagKeys: dropped }));
  if (Object.keys(after).length > 0) await client.send(new TagResourceCommand({ resourceArn, tags: after }));
}
