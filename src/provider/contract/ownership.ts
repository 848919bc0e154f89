/** Tags by which a runtime is known to belong to one resource of one stack. */
export const STACK_TAG = 'cdk-agentcore-runtime:stack-id';
const RESOURCE_TAG = 'cdk-agentcore-runtime:logical-id';

/** The resource that a runtime belongs to. */
export interface Owner {
  readonly stackId: string;
  readonly logicalId: string;
}

export type Tags = Readonly<Record<string, string>>;

export function ownerTags(owner: Owner): Tags {
  return { [STACK_TAG]: owner.stackId, [RESOURCE_TAG]: owner.logicalId };
}

export function isOwnedBy(owner: Owner, tags: Tags): boolean {
  return Object.entries(ownerTags(owner)).every(([key, value]) => tags[key] === value);
}

/** Whether any resource of ours has claimed what has these tags. */
export function hasOwner(tags: Tags): boolean {
  return STACK_TAG in tags;
}

/** The stack that has made what has these tags, be it by this provider or by CloudFormation itself. */
export function stackOf(tags: Tags): string | undefined {
  return tags[STACK_TAG] ?? tags['aws:cloudformation:stack-id'];
}

/** Whether a tag is one by which the provider knows its runtimes. */
export function isOwnerTag(key: string): boolean {
  return key === STACK_TAG || key === RESOURCE_TAG;
}
