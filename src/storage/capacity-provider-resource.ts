import { CfnResource, ITaggableV2, TagManager, TagType } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { pascalCaseKeys } from './property-names';

const TYPE = 'AWS::BedrockAgentCore::CapacityProvider';

/**
 * The L1 of a capacity provider, for versions of aws-cdk-lib that have none.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-capacityprovider.html
 */
export class CapacityProviderResource extends CfnResource implements ITaggableV2 {
  public readonly cdkTagManager = new TagManager(TagType.STANDARD, TYPE);

  /** @param input gives the input of CreateCapacityProvider when the template is made */
  constructor(scope: Construct, id: string, private readonly input: () => Readonly<Record<string, unknown>>) {
    super(scope, id, { type: TYPE });
  }

  protected get cfnProperties(): { [key: string]: any } {
    return pascalCaseKeys({ ...this.input(), tags: this.cdkTagManager.renderTags() }) as object;
  }
}
