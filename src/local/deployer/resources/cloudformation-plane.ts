import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Tags, ownerTags } from '../../../provider/contract/ownership';
import { RuntimeConfiguration } from '../../../provider/contract/properties';
import { SdkControlPlane } from '../../../provider/control-plane';
import { AWS_SERVICE_HEADER } from '../../identity';

/** The tags by which the provider knows what is its own, and those that CloudFormation has in their place. */
const OWN_NAMES = Object.keys(ownerTags({ stackId: '', logicalId: '' }));
const CLOUDFORMATION_NAMES = ['aws:cloudformation:stack-id', 'aws:cloudformation:logical-id'];

/**
 * The control plane as CloudFormation uses it: what it makes has CloudFormation's tags, and the provider's tags say nothing
 * to it.
 */
export class CloudFormationPlane extends SdkControlPlane {
  /** @param client is CloudFormation's from now on */
  constructor(client: BedrockAgentCoreControlClient) {
    super(client);
    client.middlewareStack.add((next) => async (args) => {
      (args.request as { readonly headers: Record<string, string> }).headers[AWS_SERVICE_HEADER] = 'cloudformation.amazonaws.com';
      return next(args);
    }, { step: 'build' });
  }

  public async create(configuration: RuntimeConfiguration, clientToken: string): Promise<string> {
    return super.create({ ...configuration, tags: renamed(configuration.tags ?? {}, OWN_NAMES, CLOUDFORMATION_NAMES) }, clientToken);
  }

  public async tags(arn: string): Promise<Tags> {
    const tags = Object.entries(await super.tags(arn)).filter(([key]) => !OWN_NAMES.includes(key));
    return renamed(Object.fromEntries(tags), CLOUDFORMATION_NAMES, OWN_NAMES);
  }

  public async tag(arn: string, tags: Tags): Promise<void> {
    await super.tag(arn, renamed(tags, OWN_NAMES, CLOUDFORMATION_NAMES));
  }

  public async untag(arn: string, keys: readonly string[]): Promise<void> {
    await super.untag(arn, keys.map((key) => nameOf(key, OWN_NAMES, CLOUDFORMATION_NAMES)));
  }
}

function renamed(tags: Tags, from: readonly string[], to: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [nameOf(key, from, to), value]));
}

function nameOf(key: string, from: readonly string[], to: readonly string[]): string {
  return to[from.indexOf(key)] ?? key;
}
