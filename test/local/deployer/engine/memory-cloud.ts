import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceImport, ResourceRequest, UpdateRequest } from '../../../../src/local/deployer/engine/handler';

/** Resources in memory, and what was asked of them, in order. */
export class MemoryCloud {
  public readonly calls: string[] = [];
  public readonly live = new Map<string, unknown>();
  /** How the next calls of `create X`, `update X`, `delete X`, `import X` and `give back X` fail: one reason for each, none where it succeeds. */
  public readonly failures = new Map<string, (string | undefined)[]>();
  public readonly updates: UpdateRequest[] = [];
  /** Awaited by the call of that name. */
  public readonly gates = new Map<string, Promise<void>>();
  private counter = 0;

  private readonly handler: ResourceHandler = {
    create: async (request) => {
      const physicalId = this.idOf(request);
      try {
        await this.act('create', request.logicalId);
      } catch (error) {
        throw request.properties.LeavesBehind === undefined ? error : new ResourceFailure((error as Error).message, physicalId);
      }
      this.live.set(physicalId, request.properties);
      return { physicalId, attributes: { Arn: `arn:${physicalId}`, Version: '1', ...request.properties } };
    },
    update: async (request) => {
      this.updates.push(request);
      await this.act('update', request.logicalId);
      const physicalId = request.type.startsWith('Custom::') && request.properties.Id !== request.oldProperties.Id ? this.idOf(request) : request.physicalId;
      this.live.set(physicalId, request.properties);
      return { physicalId, attributes: { Arn: `arn:${physicalId}`, Version: String(this.updates.length + 1), ...request.properties } };
    },
    delete: async (request: ExistingRequest) => {
      await this.act('delete', request.logicalId, request.physicalId);
      this.live.delete(request.physicalId);
    },
  };

  private readonly importing: ResourceImport = {
    exists: async (physicalId) => this.live.has(physicalId),
    take: async ({ logicalId, physicalId, properties }) => {
      await this.act('import', logicalId, physicalId);
      return { physicalId, attributes: { Arn: `arn:${physicalId}`, Version: '1', ...properties } };
    },
    giveBack: async ({ logicalId, physicalId }) => this.act('give back', logicalId, physicalId),
  };

  /** The handler of a type: `Native::…` is replaced when `Name` changes and can be imported, `Custom::…` decides itself by `Id`. */
  public handlerOf(type: string): ResourceHandler | undefined {
    if (type.startsWith('Custom::')) return { ...this.handler, replacesItself: true, provisionalId: ({ logicalId }) => `invented-${logicalId}` };
    if (type.startsWith('Native::')) return { ...this.handler, importing: this.importing, replaces: (before, after) => before.Name !== after.Name };
    return undefined;
  }

  private idOf({ logicalId, properties }: ResourceRequest): string {
    return properties.Id === undefined ? `${logicalId}-${++this.counter}` : `${logicalId}-${String(properties.Id)}`;
  }

  private async act(action: string, logicalId: string, physicalId?: string): Promise<void> {
    const call = `${action} ${logicalId}`;
    this.calls.push(physicalId === undefined ? call : `${action} ${physicalId}`);
    await this.gates.get(call);
    const reason = this.failures.get(call)?.shift();
    if (reason !== undefined) throw new Error(reason);
  }
}
