/** Tags by which a runtime is known to belong to one resource of one stack. */
const STACK_TAG = 'cdk-agentcore-runtime:stack-id';
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

/** Whether a tag belongs to us or to AWS and not to the user. */
export function isOwnerTag(key: string): boolean {
  return key === STACK_TAG || key === RESOURCE_TAG;
}
