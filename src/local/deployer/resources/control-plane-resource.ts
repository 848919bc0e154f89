import { BedrockAgentCoreControlClient, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { isObject, JsonObject } from '../json';

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

/** The tags of a template, which has them as a map or as a list of keys and values. */
export function tagsOf({ Tags: tags }: JsonObject): Record<string, string> {
  if (Array.isArray(tags)) return Object.fromEntries(tags.filter(isObject).map(({ Key, Value }) => [String(Key), String(Value)]));
  return isObject(tags) ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) : {};
}

/** Brings the tags of a resource from those of one template to those of another; others stay. */
export async function updateTags(client: BedrockAgentCoreControlClient, resourceArn: string, old: JsonObject, wanted: JsonObject): Promise<void> {
  const [before, after] = [tagsOf(old), tagsOf(wanted)];
  const dropped = Object.keys(before).filter((key) => !(key in after));
  if (dropped.length > 0) await client.send(new UntagResourceCommand({ resourceArn, tagKeys: dropped }));
  if (Object.keys(after).length > 0) await client.send(new TagResourceCommand({ resourceArn, tags: after }));
}
