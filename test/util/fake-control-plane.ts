import { Tags } from '../../src/provider/contract/ownership';
import { RuntimeConfiguration } from '../../src/provider/contract/properties';
import { ControlPlane, LiveRuntime } from '../../src/provider/control-plane';

/** An error as the SDK throws it. */
export function serviceError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

interface Kept {
  configuration: RuntimeConfiguration;
  version: number;
  statuses: string[];
  failureReason?: string;
  tags: Record<string, string>;
}

/** Runtimes in memory; each read of a runtime moves its state on by one. */
export class FakeControlPlane implements ControlPlane {
  public readonly runtimes = new Map<string, Kept>();
  public readonly calls: string[] = [];
  /** Thrown, first to last, by the next calls of an operation. */
  public readonly errors: Partial<Record<keyof ControlPlane, Error[]>> = {};
  /** What a new runtime goes through, read by read; the last one stays. */
  public statusesAfterCreate = ['CREATING', 'READY'];
  public failureReason?: string;
  private readonly tokens = new Map<string, string>();

  public async create(configuration: RuntimeConfiguration, clientToken: string): Promise<string> {
    this.called('create');
    const repeated = this.tokens.get(clientToken);
    if (repeated) return repeated;
    const name = configuration.agentRuntimeName;
    if (this.byName(name)) throw serviceError('ConflictException', `an agent with the name ${name} exists`);
    const id = `${name}-${String(this.tokens.size).padStart(10, '0')}`;
    this.tokens.set(clientToken, id);
    this.runtimes.set(id, {
      configuration, version: 1, statuses: [...this.statusesAfterCreate], failureReason: this.failureReason, tags: { ...configuration.tags },
    });
    return id;
  }

  public async get(id: string): Promise<LiveRuntime | undefined> {
    this.called('get');
    const kept = this.runtimes.get(id);
    if (!kept) return undefined;
    const status = kept.statuses.length > 1 ? kept.statuses.shift()! : kept.statuses[0];
    if (status === 'DELETED') {
      this.runtimes.delete(id);
      return undefined;
    }
    return {
      ...kept.configuration,
      agentRuntimeId: id,
      agentRuntimeArn: arnOf(id),
      agentRuntimeVersion: String(kept.version),
      status,
      failureReason: status.endsWith('_FAILED') ? kept.failureReason : undefined,
      createdAt: new Date(0),
      lastUpdatedAt: new Date(kept.version),
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800, ...kept.configuration.lifecycleConfiguration as object },
      $metadata: {},
    } as unknown as LiveRuntime;
  }

  public async update(id: string, configuration: RuntimeConfiguration): Promise<string> {
    this.called('update');
    const kept = this.runtimes.get(id)!;
    Object.assign(kept, { configuration, version: kept.version + 1, statuses: ['UPDATING', 'READY'] });
    return String(kept.version);
  }

  public async remove(id: string): Promise<boolean> {
    this.called('remove');
    const kept = this.runtimes.get(id);
    if (!kept) return false;
    kept.statuses = ['DELETING', 'DELETED'];
    return true;
  }

  public async findByName(name: string) {
    this.called('findByName');
    return this.byName(name);
  }

  public async exists(id: string): Promise<boolean> {
    this.called('exists');
    return this.runtimes.has(id);
  }

  public async tags(arn: string): Promise<Tags> {
    this.called('tags');
    return { ...this.runtimes.get(idOf(arn))!.tags };
  }

  public async tag(arn: string, tags: Tags): Promise<void> {
    this.called('tag');
    Object.assign(this.runtimes.get(idOf(arn))!.tags, tags);
  }

  public async untag(arn: string, keys: readonly string[]): Promise<void> {
    this.called('untag');
    for (const key of keys) delete this.runtimes.get(idOf(arn))!.tags[key];
  }

  private byName(name: string) {
    const id = [...this.runtimes].find(([, kept]) => kept.configuration.agentRuntimeName === name)?.[0];
    return id === undefined ? undefined : { id, arn: arnOf(id) };
  }

  private called(operation: keyof ControlPlane): void {
    this.calls.push(operation);
    const error = this.errors[operation]?.shift();
    if (error) throw error;
  }
}

export function arnOf(id: string): string {
  return `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${id}`;
}

function idOf(arn: string): string {
  return arn.split('/')[1];
}
