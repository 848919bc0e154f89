import { NestedStack, Stack, TagManager, TagType, Token } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * Gives the runtime the tags of its stack, which CloudFormation gives to native resources only. Its own tags win.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export function addStackTags(resource: CfnRuntime): void {
  // at synth, when all `Tags.of()` have reached stack and resource; an override of `Tags` would be in the way of the user's
  Object.assign(resource, { cdkTagManager: new TagsWithThoseOfStack(Stack.of(resource)) });
}

/** The tags that a native resource of a stack would get from CloudFormation. */
export function stackTags(stack: Stack): Record<string, string> {
  if (!NestedStack.isNestedStack(stack)) return knownTags(stack.tags.tagValues());
  const { nestedStackParent, nestedStackResource } = stack;
  const own = { ...TagManager.of(nestedStackResource)?.tagValues(), ...stack.tags.tagValues() };
  return { ...stackTags(nestedStackParent!), ...own };
}

/** The CDK leaves tags that hold tokens out of those of a stack, with a warning. */
function knownTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter((tag) => !tag.some((part) => Token.isUnresolved(part))));
}

class TagsWithThoseOfStack extends TagManager {
  constructor(private readonly stack: Stack) {
    super(TagType.MAP, CfnRuntime.CFN_RESOURCE_TYPE_NAME);
  }

  public renderTags(combineWithTags?: any): any {
    // the values of `tagValues` after the resource's own property is read in
    super.renderTags(combineWithTags);
    const tags = Object.entries(this.tagValues()).sort(([one], [other]) => one.localeCompare(other));
    return tags.length > 0 ? Object.fromEntries(tags) : undefined;
  }

  public tagValues(): Record<string, string> {
    return { ...stackTags(this.stack), ...super.tagValues() };
  }
}
