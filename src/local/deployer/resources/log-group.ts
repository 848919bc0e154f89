import { CloudWatchLogsClient, CreateLogGroupCommand, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { partitionOf } from '../../../service/partition';
import { ExistingRequest, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { JsonObject } from '../json';

/** Log groups, made in the local AgentCore; their retention and encryption mean nothing there. */
export class LogGroupHandler implements ResourceHandler {
  constructor(private readonly client: CloudWatchLogsClient) {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack, logicalId, properties } = request;
    const logGroupName = String(properties.LogGroupName ?? generatedName(stack.stackName, logicalId));
    await this.client.send(new CreateLogGroupCommand({ logGroupName }));
    return resultOf(request, logGroupName);
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    return resultOf(request, request.physicalId);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    try {
      await this.client.send(new DeleteLogGroupCommand({ logGroupName: physicalId }));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
    }
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return oldProperties.LogGroupName !== newProperties.LogGroupName;
  }
}

function resultOf({ stack: { region, account } }: ResourceRequest, name: string): ResourceResult {
  return { physicalId: name, attributes: { Arn: `arn:${partitionOf(region)}:logs:${region}:${account}:log-group:${name}:*` } };
}
