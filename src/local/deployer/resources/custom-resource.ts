import { randomUUID } from 'node:crypto';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { JsonObject } from '../json';
import { FunctionDirectory } from '../lambda/directory';
import { LocalFunction } from '../lambda/function';
import { CustomResourceClient, DEFAULT_SERVICE_TIMEOUT_SECONDS } from '../protocol/client';
import { stringified, UnsentEvent } from '../protocol/event';

/** Custom resources: events go to the function that the ServiceToken names. */
export class CustomResourceHandler implements ResourceHandler {
  public readonly replacesItself = true;

  constructor(private readonly functions: FunctionDirectory, private readonly client: CustomResourceClient) {}

  public provisionalId({ stack, logicalId }: ResourceRequest): string {
    return generatedName(stack.stackName, logicalId);
  }

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const target = this.targetOf(request.properties);
    const response = await this.client.send(target, eventOf('Create', request), serviceTimeout(request.properties));
    if (response.status === 'SUCCESS') return { physicalId: response.physicalId, attributes: response.data };
    // without an id from the function CloudFormation makes one up: the Delete that follows carries it
    throw new ResourceFailure(response.reason, response.physicalId ?? this.provisionalId(request));
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    const { properties, oldProperties, physicalId } = request;
    const event = { ...eventOf('Update', request), PhysicalResourceId: physicalId, OldResourceProperties: stringified(oldProperties) };
    const response = await this.client.send(this.targetOf(properties), event, serviceTimeout(properties));
    if (response.status === 'FAILED') throw new ResourceFailure(response.reason);
    return { physicalId: response.physicalId, attributes: response.data };
  }

  public refusal(oldProperties: JsonObject, newProperties: JsonObject): string | undefined {
    return oldProperties.ServiceToken === newProperties.ServiceToken ? undefined : 'Modifying service token is not allowed.';
  }

  public async delete(request: ExistingRequest): Promise<void> {
    const event = { ...eventOf('Delete', request), PhysicalResourceId: request.physicalId };
    const response = await this.client.send(this.targetOf(request.properties), event, serviceTimeout(request.properties));
    if (response.status === 'FAILED') throw new ResourceFailure(response.reason);
  }

  private targetOf({ ServiceToken: token }: JsonObject): LocalFunction {
    if (typeof token !== 'string') throw new Error(`ServiceToken ${JSON.stringify(token) ?? 'none'} is not a string; it has to be the ARN of a function`);
    if (!/^arn:[^:]+:lambda:/.test(token)) throw new Error(`ServiceToken ${token} is not the ARN of a Lambda function; only these run locally`);
    const target = this.functions.find(token);
    if (!target) throw new Error(`no function ${token} is deployed here; deploy the stack that holds it first`);
    return target;
  }
}

function eventOf(type: UnsentEvent['RequestType'], request: ResourceRequest): UnsentEvent {
  return {
    RequestType: type,
    StackId: request.stack.stackId,
    RequestId: randomUUID(),
    ResourceType: request.type,
    LogicalResourceId: request.logicalId,
    ResourceProperties: stringified(request.properties),
  };
}

function serviceTimeout({ ServiceTimeout: wanted = DEFAULT_SERVICE_TIMEOUT_SECONDS }: JsonObject): number {
  const seconds = Number(wanted);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= DEFAULT_SERVICE_TIMEOUT_SECONDS) return seconds;
  throw new Error(`ServiceTimeout ${JSON.stringify(wanted)} is not a whole number from 1 to ${DEFAULT_SERVICE_TIMEOUT_SECONDS} s`);
}
