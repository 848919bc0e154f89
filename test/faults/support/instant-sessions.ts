import { SPEED } from './fast-provider';
import { DescribedSessions } from '../../../src/local/server';
import { ServiceError } from '../../../src/local/service-error';
import { CommandEnd, CommandRequest, CommandSink, SessionKey, VersionSpec } from '../../../src/local/sessions/contract';
import { decodeScript } from '../../../src/service/command-line';

/** A command that goes on without a listener. */
interface DetachedCommand {
  readonly exitCode: number;
  readonly ended: Promise<void>;
  hasEnded: boolean;
}

interface Session {
  readonly key: SessionKey;
  readonly detached: Map<string, DetachedCommand>;
  readonly stopped: Promise<void>;
  readonly stop: () => void;
}

/**
 * Sessions without processes: the text of a command says how it ends, `code=3`, and after how many milliseconds, `ms=20`. The
 * scripts of detached commands are told by what they hold.
 */
export class InstantSessions implements DescribedSessions {
  public readonly driver = 'instant';
  public readonly driverNotes = [];
  public readonly tokenizer = 'none';
  /** The commands that were started, by their session: the provider opens one for each request. */
  public readonly starts = new Map<string, string[]>();
  private readonly open = new Map<string, Session>();

  public async run(key: SessionKey, _version: VersionSpec, { command }: CommandRequest, sink: CommandSink): Promise<CommandEnd> {
    const session = this.obtain(key);
    const script = decodeScript(/^\S+ -c '(.*)'$/s.exec(command)?.[1] ?? '') ?? command;
    const token = /agentcore-run-(\w+)/.exec(script)?.[1];
    sink.onStart();
    if (token === undefined) {
      this.started(key, script);
      await sink.onStdout(OUTPUT);
      const end = endOf(script);
      if (await Promise.race([end.ended.then(() => 'ended'), session.stopped]) !== 'ended') throw new ServiceError('RuntimeClientError', 'session ended while the command ran');
      return completed(end.exitCode);
    }
    const [, at, rounds] = /o=(\d+) .*rounds=(\d+)/.exec(script) ?? [];
    if (rounds !== undefined) {
      await this.follow(session.detached.get(token), Number(at), Number(rounds), sink);
    } else if (script.includes('mkdir') && !session.detached.has(token)) {
      this.started(key, script);
      session.detached.set(token, endOf(script));
    }
    return completed(0);
  }

  public async invoke(): Promise<never> {
    throw new ServiceError('RuntimeClientError', 'no agent runs here');
  }

  public async openShell(): Promise<never> {
    throw new ServiceError('RuntimeClientError', 'these sessions have no shells');
  }

  public async stop(key: SessionKey): Promise<void> {
    const session = this.open.get(idOf(key));
    if (!session) throw new ServiceError('ResourceNotFoundException', `session ${key.sessionId} does not run`);
    this.end(session);
  }

  public async forget(runtimeId: string): Promise<void> {
    for (const session of this.open.values()) if (session.key.runtimeId === runtimeId) this.end(session);
  }

  public list() {
    return [...this.open.values()].map(({ key }) => ({ ...key, version: '1', startedAt: 0, lastActiveAt: 0 }));
  }

  public async review(): Promise<void> {
    // nothing here has an end of its own
  }

  public async close(): Promise<void> {
    this.open.clear();
  }

  /** Listens for the time of so many pauses of a second at most. */
  private async follow(detached: DetachedCommand | undefined, at: number, rounds: number, sink: CommandSink): Promise<void> {
    const tell = async (line: string) => sink.onStdout(Buffer.from(`${line}\n`));
    if (!detached) return tell('gone');
    if (at < OUTPUT.length) await tell(`o ${OUTPUT.subarray(at).toString('base64')}`);
    await Promise.race([detached.ended, delay(rounds * 1_000 / SPEED)]);
    if (detached.hasEnded) await tell(`r ${detached.exitCode}`);
  }

  private obtain(key: SessionKey): Session {
    const id = idOf(key);
    const known = this.open.get(id);
    if (known) return known;
    let stop!: () => void;
    const stopped = new Promise<void>((resolve) => { stop = resolve; });
    const session: Session = { key, detached: new Map(), stopped, stop };
    this.open.set(id, session);
    return session;
  }

  private end(session: Session): void {
    this.open.delete(idOf(session.key));
    session.stop();
  }

  private started({ sessionId }: SessionKey, script: string): void {
    this.starts.set(sessionId, [...this.starts.get(sessionId) ?? [], script]);
  }
}

/** Longer than an answer may be. */
const OUTPUT = Buffer.from('€'.repeat(3_000));

function endOf(script: string): DetachedCommand {
  const command: DetachedCommand = {
    exitCode: Number(/code=(\d+)/.exec(script)?.[1] ?? 0),
    ended: delay(Number(/ms=(\d+)/.exec(script)?.[1] ?? 0)).then(() => { command.hasEnded = true; }),
    hasEnded: false,
  };
  return command;
}

async function delay(millis: number): Promise<void> {
  if (millis > 0) await new Promise((resolve) => setTimeout(resolve, millis));
}

function completed(exitCode: number): CommandEnd {
  return { exitCode, status: 'COMPLETED' };
}

function idOf({ runtimeId, endpointName, sessionId }: SessionKey): string {
  return `${runtimeId} ${endpointName} ${sessionId}`;
}
