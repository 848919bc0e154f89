import { isDeepStrictEqual } from 'node:util';
import {
  BedrockAgentCoreControlClient, CreateCapacityProviderCommand, CreateCapacityProviderCommandInput, DeleteCapacityProviderCommand,
  GetCapacityProviderCommand, GetCapacityProviderCommandOutput, UpdateCapacityProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Clock } from '../../../client/clock';
import { waitFor } from '../../../provider/wait';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { isObject, JsonObject } from '../json';
import { patience, unlessGone, updateTags } from './control-plane-resource';
import { tagsOf } from '../template/stack-tags';

/** Under this property the keys are the user's. */
const MAP = 'PropagatedTags';

/** `AWS::BedrockAgentCore::CapacityProvider`: nothing of it but description and tags changes in place. */
export class CapacityProviderHandler implements ResourceHandler {
  constructor(private readonly client: BedrockAgentCoreControlClient, private readonly clock: Clock) {}

  public async create({ properties }: ResourceRequest): Promise<ResourceResult> {
    const { Tags: _, ...input } = properties;
    const { capacityProviderId, capacityProviderArn } = await this.client.send(
      new CreateCapacityProviderCommand({ ...camelCaseKeys(input) as CreateCapacityProviderCommandInput, tags: tagsOf(properties) }));
    try {
      return await this.whenReady(capacityProviderId!);
    } catch (error) {
      throw new ResourceFailure(error instanceof Error ? error.message : String(error), capacityProviderArn, error);
    }
  }

  public async update({ physicalId, properties, oldProperties }: UpdateRequest): Promise<ResourceResult> {
    const capacityProviderId = idOf(physicalId);
    if (properties.Description !== oldProperties.Description) {
      const optionalValue = properties.Description === undefined ? undefined : String(properties.Description);
      await this.client.send(new UpdateCapacityProviderCommand({ capacityProviderId, description: { optionalValue } }));
    }
    await updateTags(this.client, physicalId, oldProperties, properties);
    return this.whenReady(capacityProviderId);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    const capacityProviderId = idOf(physicalId);
    await unlessGone(this.client.send(new DeleteCapacityProviderCommand({ capacityProviderId })));
    await waitFor(async () => (await this.get(capacityProviderId) === undefined ? true : undefined), this.clock, patience());
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return ['Name', 'PermissionsConfiguration', 'ComputeConfiguration'].some((name) => !isDeepStrictEqual(oldProperties[name], newProperties[name]));
  }

  private async whenReady(capacityProviderId: string): Promise<ResourceResult> {
    const live = await waitFor(async () => {
      const seen = await this.get(capacityProviderId);
      if (!seen) throw new Error(`capacity provider ${capacityProviderId} is not there any more`);
      if (seen.status?.endsWith('_FAILED')) throw new Error(`capacity provider ${seen.name} is ${seen.status}: ${seen.statusReason ?? 'the service gave no reason'}`);
      return seen.status === 'READY' ? seen : undefined;
    }, this.clock, patience());
    return {
      physicalId: live.capacityProviderArn!,
      attributes: {
        Arn: live.capacityProviderArn!,
        CapacityProviderId: live.capacityProviderId!,
        Status: live.status!,
        CreatedAt: live.createdAt!.toISOString(),
        LastUpdatedAt: live.lastUpdatedAt!.toISOString(),
      },
    };
  }

  private async get(capacityProviderId: string): Promise<GetCapacityProviderCommandOutput | undefined> {
    return unlessGone(this.client.send(new GetCapacityProviderCommand({ capacityProviderId })));
  }
}

function idOf(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1);
}

/** Keys as the API has them, where CloudFormation's names differ in their first letter. */
function camelCaseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCaseKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value)
    .map(([key, inner]) => [key[0].toLowerCase() + key.slice(1), key === MAP ? inner : camelCaseKeys(inner)]));
}
