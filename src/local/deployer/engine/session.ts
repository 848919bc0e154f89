import { Clock } from '../../../client/clock';
import { JsonObject } from '../json';
import { ResourceStatus, STACK_TYPE, StackEvent, StackStatus } from './events';
import { HandlerLookup, ResourceHandler, ResourceRequest } from './handler';
import { ResourceRecord, StackState } from './state';
import { StateStore } from './state-store';
import { TemplateError } from '../template/error';
import { World } from '../template/prepared';

export interface EngineOptions {
  readonly store: StateStore;
  readonly handlers: HandlerLookup;
  readonly clock: Clock;
  readonly onEvent: (event: StackEvent) => void;
  /** Why something fails that has come, changed or gone well: the seam for failing siblings. */
  readonly failure?: (completed: CompletedResource) => string | undefined;
}

/** What has just been created, updated or deleted. */
export interface CompletedResource extends Pick<ResourceRecord, 'logicalId' | 'type'> {
  readonly stackName: string;
  readonly status: 'CREATE_COMPLETE' | 'UPDATE_COMPLETE' | 'DELETE_COMPLETE';
}

const FAILED = { CREATE_COMPLETE: 'CREATE_FAILED', UPDATE_COMPLETE: 'UPDATE_FAILED', DELETE_COMPLETE: 'DELETE_FAILED' } as const;

/** Work on one stack: its state, which is saved at each step, and the telling of what happens. */
export class StackSession {
  private readonly imported = new Set<string>();

  constructor(public readonly state: StackState, private readonly options: EngineOptions) {}

  /** What the template's references find. */
  public get world(): World {
    return {
      physicalId: (logicalId, place) => {
        const id = this.state.resources[logicalId]?.physicalId;
        if (id === undefined) throw new TemplateError(place, `resource ${logicalId} does not exist`);
        return id;
      },
      attribute: (logicalId, name, place) => this.attribute(logicalId, name, place),
      importValue: (name, place) => this.importValue(name, place),
    };
  }

  /** The exports that were looked up, since they were forgotten last. */
  public get imports(): readonly string[] {
    return [...this.imported].sort();
  }

  /** To be called before another template is brought about: what the one before has imported does not count for it. */
  public forgetImports(): void {
    this.imported.clear();
  }

  /** All stacks, this one as it was saved last. */
  public allStacks(): StackState[] {
    return this.options.store.all();
  }

  public handlerOf(type: string): ResourceHandler {
    const handler = this.options.handlers(type);
    if (!handler) throw new Error(`resource type ${type} is not known`);
    return handler;
  }

  public request({ logicalId, type, properties }: { logicalId: string; type: string; properties: JsonObject }): ResourceRequest {
    const { stackName, stackId, region, account } = this.state;
    return { stack: { stackName, stackId, region, account }, logicalId, type, properties };
  }

  public put(record: ResourceRecord): void {
    this.state.resources[record.logicalId] = record;
    this.save();
  }

  public drop(logicalId: string): void {
    delete this.state.resources[logicalId];
    this.save();
  }

  public save(): void {
    this.options.store.save(this.state);
  }

  public remove(): void {
    this.options.store.remove(this.state.stackName);
  }

  /** Tells of a resource; returns the reason, which a failure has. */
  public report(logicalId: string, type: string, status: ResourceStatus, physicalId?: string, reason?: string): string | undefined {
    this.emit(logicalId, type, status, physicalId, reason);
    return reason;
  }

  /** Tells that a resource has got there; returns the reason if it is to count as failed all the same. */
  public complete(record: ResourceRecord, status: CompletedResource['status']): string | undefined {
    const { logicalId, type, physicalId } = record;
    const reason = this.options.failure?.({ stackName: this.state.stackName, logicalId, type, status });
    const reached: ResourceStatus = reason === undefined ? status : FAILED[status];
    if (status !== 'DELETE_COMPLETE') this.put({ ...record, status: reached });
    return this.report(logicalId, type, reached, physicalId, reason);
  }

  public enter(status: StackStatus, reason?: string): void {
    this.state.status = status;
    this.save();
    this.emit(this.state.stackName, STACK_TYPE, status, this.state.stackId, reason);
  }

  /** As `enter`, for the end of a stack of which nothing stays. */
  public leave(status: StackStatus): void {
    this.remove();
    this.emit(this.state.stackName, STACK_TYPE, status, this.state.stackId);
  }

  private emit(logicalId: string, type: string, status: ResourceStatus | StackStatus, physicalId?: string, reason?: string): void {
    this.options.onEvent({
      timestamp: new Date(this.options.clock.now()),
      stackName: this.state.stackName,
      ...(this.state.nestedIn ? { nested: true } : {}),
      logicalId,
      ...(physicalId === undefined ? {} : { physicalId }),
      type,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  private attribute(logicalId: string, name: string, place: string): unknown {
    const record = this.state.resources[logicalId];
    if (record?.physicalId === undefined) throw new TemplateError(place, `resource ${logicalId} does not exist`);
    const value = record.attributes[name] ?? this.handlerOf(record.type).attribute?.(record.physicalId, name);
    if (value !== undefined) return value;
    if (record.type.startsWith('Custom::') || record.type === 'AWS::CloudFormation::CustomResource') {
      throw new TemplateError(place, `CustomResource attribute error: Vendor response doesn't contain ${name} attribute in object ${record.physicalId}`);
    }
    throw new TemplateError(place, `resource ${logicalId} of type ${record.type} has no attribute ${name} here; it has ${Object.keys(record.attributes).join(', ') || 'none'}`);
  }

  private importValue(name: string, place: string): string {
    for (const { stackName, region, outputs } of this.options.store.all()) {
      const isOther = stackName !== this.state.stackName && region === this.state.region;
      const found = isOther ? outputs.find(({ exportName }) => exportName === name) : undefined;
      if (found) {
        this.imported.add(name);
        return found.value;
      }
    }
    throw new TemplateError(place, `no export named ${name} found; deploy the stack that exports it first`);
  }
}
