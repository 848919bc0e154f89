import { MAX_TAGS, countedTags, validateTagKeys } from '../../../service/tags';
import { fieldValidationFailed } from '../http-error';
import { Caller, ControlPlaneContext, mutate } from './context';
import { requireResource } from './resources';
import { quotaExceeded } from './runtimes';

interface TagInput {
  readonly resourceArn: string;
}

/** TagResource: adds tags and replaces the values of those that are there. */
export async function tagResource(
  context: ControlPlaneContext, input: TagInput & { readonly tags: Readonly<Record<string, string>> }, caller: Caller,
): Promise<object> {
  return mutate(context, 'TagResource', input.resourceArn, input, async ({ draft, now }) => {
    checkKeys(Object.keys(input.tags), caller);
    const resource = requireResource(draft, input.resourceArn, now);
    const tags = { ...resource.tags, ...input.tags };
    if (countedTags(tags) > MAX_TAGS) throw quotaExceeded(`${MAX_TAGS} tags of a resource`);
    resource.tags = tags;
    return { output: {} };
  });
}

/** UntagResource: keys that are not there make no difference. */
export async function untagResource(
  context: ControlPlaneContext, input: TagInput & { readonly tagKeys: readonly string[] }, caller: Caller,
): Promise<object> {
  return mutate(context, 'UntagResource', input.resourceArn, input, async ({ draft, now }) => {
    checkKeys(input.tagKeys, caller);
    const resource = requireResource(draft, input.resourceArn, now);
    resource.tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !input.tagKeys.includes(key)));
    return { output: {} };
  });
}

/** ListTagsForResource. */
export async function listTagsForResource({ store, clock }: ControlPlaneContext, input: TagInput): Promise<object> {
  return { tags: requireResource(store.state, input.resourceArn, clock.now()).tags };
}

function checkKeys(keys: readonly string[], { isAws }: Caller): void {
  const found = isAws ? [] : validateTagKeys(keys);
  if (found.length > 0) throw fieldValidationFailed(found.map((message) => ({ path: 'tags', message })));
}
