import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Clock } from '../../../client/clock';
import { SdkControlPlane } from '../../../provider/control-plane';
import { MemoryLedger } from '../../../provider/ledger';
import { LifecycleRequest } from '../../../provider/lifecycle';
import { RuntimeLifecycle } from '../../../provider/runtime-lifecycle';
import { ExistingRequest, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { JsonObject } from '../json';

/** How long a runtime may take to get ready or to go, in milliseconds. */
const PATIENCE_MILLIS = 30 * 60_000;

/** `AWS::BedrockAgentCore::Runtime`, which CloudFormation itself provisions: the provider's lifecycle without the provider. */
export class NativeRuntimeHandler implements ResourceHandler {
  private readonly lifecycle: RuntimeLifecycle;

  constructor(client: BedrockAgentCoreControlClient, clock: Clock) {
    this.lifecycle = new RuntimeLifecycle(new SdkControlPlane(client), { clock, log: () => undefined, ledger: new MemoryLedger(clock) });
  }

  public provisionalId(request: ResourceRequest): string {
    return this.lifecycle.fallbackId(lifecycleRequest(request));
  }

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    return this.lifecycle.create(lifecycleRequest(request));
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    const { physicalId, oldProperties } = request;
    return this.lifecycle.update({ ...lifecycleRequest(request), physicalId, oldProperties });
  }

  public async delete(request: ExistingRequest): Promise<void> {
    await this.lifecycle.remove({ ...lifecycleRequest(request), physicalId: request.physicalId });
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return oldProperties.AgentRuntimeName !== newProperties.AgentRuntimeName;
  }
}

function lifecycleRequest({ stack, logicalId, properties }: ResourceRequest): LifecycleRequest {
  return {
    owner: { stackId: stack.stackId, logicalId },
    requestId: randomUUID(),
    properties,
    oldProperties: {},
    signal: AbortSignal.timeout(PATIENCE_MILLIS),
    deadline: Date.now() + PATIENCE_MILLIS,
  };
}
