import { EventEmitter } from 'node:events';
import { OutputStream, RecordedOutput } from './recorded-output';
import { CommandEnd, CommandSink, SessionKey } from '../sessions/contract';
import { digestOf } from '../sessions/storage';

/** How a command ended, or why nobody knows. */
export type CommandOutcome = CommandEnd | { readonly error: string };

export interface RecordedCommand {
  /** Counts up over all sessions of this server. */
  readonly id: number;
  readonly key: SessionKey;
  /** The session's name in paths. */
  readonly session: string;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  endedAt?: number;
  /** Absent while it runs. */
  outcome?: CommandOutcome;
  readonly output: RecordedOutput;
}

export interface HistoryLimits {
  /** Of ended commands: of each session, and of all. */
  readonly perSession: number;
  readonly commands: number;
  /** Of the output of all ended commands, in bytes. */
  readonly bytes: number;
}

const LIMITS: HistoryLimits = { perSession: 50, commands: 500, bytes: 16 * 1024 * 1024 };

interface HistoryEvents {
  /** A command has begun or ended. */
  change: [];
  output: [command: RecordedCommand, stream: OutputStream, bytes: Buffer];
}

/** The commands that run and those that ran last, with what they print; kept in memory, so for as long as the server lives. */
export class CommandHistory extends EventEmitter<HistoryEvents> {
  /** The oldest first. */
  private records: RecordedCommand[] = [];
  private last = 0;

  constructor(private readonly now: () => number, private readonly limits: HistoryLimits = LIMITS) {
    super();
    // one for each page that is open
    this.setMaxListeners(0);
  }

  /** Runs a command by `run`, which gets a sink that hands everything on to the given one. */
  public async record(
    key: SessionKey, command: string, sink: CommandSink, run: (sink: CommandSink) => Promise<CommandEnd>,
  ): Promise<CommandEnd> {
    const record: RecordedCommand = {
      id: ++this.last, key, session: digestOf(key), command, startedAt: this.now(), output: new RecordedOutput(),
    };
    this.records.push(record);
    this.emit('change');
    const take = (stream: OutputStream, bytes: Buffer) => {
      record.output.append(stream, bytes);
      this.emit('output', record, stream, bytes);
    };
    try {
      const end = await run({
        onStart: () => sink.onStart(),
        onStdout: (bytes) => {
          take('stdout', bytes);
          return sink.onStdout(bytes);
        },
        onStderr: (bytes) => {
          take('stderr', bytes);
          return sink.onStderr(bytes);
        },
      });
      record.outcome = end;
      return end;
    } catch (error) {
      record.outcome = { error: (error as Error).name === 'AbortError' ? 'its caller went away' : (error as Error).message };
      throw error;
    } finally {
      record.endedAt = this.now();
      this.evict();
      this.emit('change');
    }
  }

  /** The newest commands first. */
  public recent(count: number): RecordedCommand[] {
    return this.records.slice(-count).reverse();
  }

  /** The commands of a session, the newest first. */
  public ofSession(session: string): RecordedCommand[] {
    return this.records.filter((record) => record.session === session).reverse();
  }

  /** Forgets the oldest of those that have ended, where there are too many. */
  private evict(): void {
    const ofSession = new Map<string, number>();
    let commands = 0;
    let bytes = 0;
    this.records = this.records.reverse().filter(({ outcome, session, output }) => {
      if (outcome === undefined) return true;
      commands++;
      bytes += output.kept;
      ofSession.set(session, (ofSession.get(session) ?? 0) + 1);
      return commands <= this.limits.commands && bytes <= this.limits.bytes && ofSession.get(session)! <= this.limits.perSession;
    }).reverse();
  }
}
