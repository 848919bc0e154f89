import { DescribedSessions } from '../../../src/local/server';
import { ServiceError } from '../../../src/local/service-error';
import { CommandEnd, CommandRequest, CommandSink, SessionKey, VersionSpec } from '../../../src/local/sessions/contract';

/** Sessions in which a command takes no time: its text says how it ends, `exit 3` or `exit 0`. */
export class InstantSessions implements DescribedSessions {
  public readonly driver = 'instant';
  public readonly driverNotes = [];
  public readonly tokenizer = 'none';
  /** How often a command was started, by its session: the provider opens one for each request. */
  public readonly starts = new Map<string, number>();
  private readonly open = new Map<string, SessionKey>();

  public async run(key: SessionKey, _version: VersionSpec, { command }: CommandRequest, sink: CommandSink): Promise<CommandEnd> {
    this.open.set(idOf(key), key);
    this.starts.set(key.sessionId, (this.starts.get(key.sessionId) ?? 0) + 1);
    sink.onStart();
    await sink.onStdout(Buffer.from('€'.repeat(3_000)));
    return { exitCode: Number(/exit (\d+)/.exec(command)?.[1] ?? 0), status: 'COMPLETED' };
  }

  public async invoke(): Promise<never> {
    throw new ServiceError('RuntimeClientError', 'no agent runs here');
  }

  public async stop(key: SessionKey): Promise<void> {
    if (!this.open.delete(idOf(key))) throw new ServiceError('ResourceNotFoundException', `session ${key.sessionId} does not run`);
  }

  public async forget(runtimeId: string): Promise<void> {
    for (const [id, key] of this.open) if (key.runtimeId === runtimeId) this.open.delete(id);
  }

  public list() {
    return [...this.open.values()].map((key) => ({ ...key, version: '1', startedAt: 0 }));
  }

  public async close(): Promise<void> {
    this.open.clear();
  }
}

function idOf({ runtimeId, endpointName, sessionId }: SessionKey): string {
  return `${runtimeId} ${endpointName} ${sessionId}`;
}
