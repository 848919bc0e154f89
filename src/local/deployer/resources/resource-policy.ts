import { BedrockAgentCoreControlClient, DeleteResourcePolicyCommand, PutResourcePolicyCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { ExistingRequest, ResourceHandler, ResourceRequest, ResourceResult } from '../engine/handler';
import { JsonObject } from '../json';
import { unlessGone } from './control-plane-resource';

/** `AWS::BedrockAgentCore::ResourcePolicy`: the one policy of a runtime or an endpoint. */
export class ResourcePolicyHandler implements ResourceHandler {
  constructor(private readonly client: BedrockAgentCoreControlClient) {}

  public async create({ properties }: ResourceRequest): Promise<ResourceResult> {
    const resourceArn = String(properties.ResourceArn);
    await this.client.send(new PutResourcePolicyCommand({ resourceArn, policy: String(properties.Policy) }));
    return { physicalId: resourceArn, attributes: {} };
  }

  public async update(request: ResourceRequest): Promise<ResourceResult> {
    return this.create(request);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    await unlessGone(this.client.send(new DeleteResourcePolicyCommand({ resourceArn: physicalId })));
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return oldProperties.ResourceArn !== newProperties.ResourceArn;
  }
}
