import { randomUUID } from 'node:crypto';
import { Clock } from '../../../client/clock';
import { ownerTags } from '../../../provider/contract/ownership';
import { ControlPlane } from '../../../provider/control-plane';
import { MemoryLedger } from '../../../provider/ledger';
import { LifecycleRequest } from '../../../provider/lifecycle';
import { RuntimeLifecycle, resultOf } from '../../../provider/runtime-lifecycle';
import { ExistingRequest, ResourceHandler, ResourceImport, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { JsonObject } from '../json';

/** How long a runtime may take to get ready or to go, in milliseconds. */
const PATIENCE_MILLIS = 30 * 60_000;

/** `AWS::BedrockAgentCore::Runtime`, which CloudFormation itself provisions: the provider's lifecycle without the provider. */
export class NativeRuntimeHandler implements ResourceHandler {
  public readonly importing: ResourceImport = {
    exists: async (physicalId) => await this.plane.get(physicalId) !== undefined,
    take: async (request) => this.take(request),
    giveBack: async (request) => this.giveBack(request),
  };

  private readonly lifecycle: RuntimeLifecycle;

  constructor(private readonly plane: ControlPlane, clock: Clock) {
    this.lifecycle = new RuntimeLifecycle(plane, { clock, log: () => undefined, ledger: new MemoryLedger(clock) });
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

  /** As CloudFormation does, whatever the runtime is like: where it differs from the template, it goes on to differ. */
  private async take({ stack, logicalId, physicalId }: ExistingRequest): Promise<ResourceResult> {
    const live = await this.plane.get(physicalId);
    if (!live) throw new Error(`runtime ${physicalId} is not there any more`);
    await this.plane.tag(live.agentRuntimeArn!, ownerTags({ stackId: stack.stackId, logicalId }));
    return resultOf(live);
  }

  private async giveBack({ stack, logicalId, physicalId }: ExistingRequest): Promise<void> {
    const live = await this.plane.get(physicalId);
    if (live) await this.plane.untag(live.agentRuntimeArn!, Object.keys(ownerTags({ stackId: stack.stackId, logicalId })));
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
