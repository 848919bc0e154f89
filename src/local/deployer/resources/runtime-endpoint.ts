import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeEndpointCommand, GetAgentRuntimeEndpointCommandOutput, UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Clock } from '../../../client/clock';
import { waitFor } from '../../../provider/wait';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { JsonObject } from '../json';
import { patience, unlessGone, updateTags } from './control-plane-resource';
import { tagsOf } from '../template/stack-tags';

/** `AWS::BedrockAgentCore::RuntimeEndpoint`: stays on its version until the template names another. */
export class RuntimeEndpointHandler implements ResourceHandler {
  constructor(private readonly client: BedrockAgentCoreControlClient, private readonly clock: Clock) {}

  public async create({ properties }: ResourceRequest): Promise<ResourceResult> {
    const { agentRuntimeEndpointArn: arn } = await this.client.send(new CreateAgentRuntimeEndpointCommand({
      ...changeable(properties),
      agentRuntimeId: String(properties.AgentRuntimeId),
      name: String(properties.Name),
      tags: tagsOf(properties),
    }));
    try {
      return await this.whenReady(properties);
    } catch (error) {
      throw new ResourceFailure(error instanceof Error ? error.message : String(error), arn, error);
    }
  }

  public async update({ properties, oldProperties, physicalId }: UpdateRequest): Promise<ResourceResult> {
    await this.client.send(new UpdateAgentRuntimeEndpointCommand({ ...changeable(properties), ...nameOf(properties) }));
    await updateTags(this.client, physicalId, oldProperties, properties);
    return this.whenReady(properties);
  }

  public async delete({ properties }: ExistingRequest): Promise<void> {
    await unlessGone(this.client.send(new DeleteAgentRuntimeEndpointCommand(nameOf(properties))));
    await waitFor(async () => (await this.get(properties) === undefined ? true : undefined), this.clock, patience());
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return oldProperties.AgentRuntimeId !== newProperties.AgentRuntimeId || oldProperties.Name !== newProperties.Name;
  }

  private async whenReady(properties: JsonObject): Promise<ResourceResult> {
    const live = await waitFor(async () => {
      const seen = await this.get(properties);
      if (seen?.status?.endsWith('_FAILED')) throw new Error(`endpoint ${seen.name} is ${seen.status}: ${seen.failureReason ?? 'the service gave no reason'}`);
      return seen?.status === 'READY' ? seen : undefined;
    }, this.clock, patience());
    return { physicalId: live.agentRuntimeEndpointArn!, attributes: attributesOf(live) };
  }

  private async get(properties: JsonObject): Promise<GetAgentRuntimeEndpointCommandOutput | undefined> {
    return unlessGone(this.client.send(new GetAgentRuntimeEndpointCommand(nameOf(properties))));
  }
}

function nameOf(properties: JsonObject) {
  return { agentRuntimeId: String(properties.AgentRuntimeId), endpointName: String(properties.Name) };
}

/** Left out, the version stays: at creation it becomes the runtime's newest. */
function changeable({ AgentRuntimeVersion: version, Description: description }: JsonObject) {
  return {
    ...(version === undefined ? {} : { agentRuntimeVersion: String(version) }),
    ...(description === undefined ? {} : { description: String(description) }),
  };
}

function attributesOf(live: GetAgentRuntimeEndpointCommandOutput): JsonObject {
  return {
    Id: live.id!,
    AgentRuntimeEndpointArn: live.agentRuntimeEndpointArn!,
    AgentRuntimeArn: live.agentRuntimeArn!,
    Status: live.status!,
    LiveVersion: live.liveVersion ?? '',
    TargetVersion: live.targetVersion ?? '',
    CreatedAt: live.createdAt!.toISOString(),
    LastUpdatedAt: live.lastUpdatedAt!.toISOString(),
    FailureReason: live.failureReason ?? '',
  };
}
