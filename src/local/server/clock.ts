import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTemporaries, writeDurably } from './durable-file';
import { Clock, SYSTEM_CLOCK } from '../../client/clock';

/** Tells the time, so that tests can set it; the server never waits. */
export type ServerClock = Pick<Clock, 'now'>;

/** Takes one line about what the server does or cannot do. */
export type Log = (line: string) => void;

const FILE = 'clock.json';

/** Ten years. */
const MAX_STEP_SECONDS = 10 * 366 * 24 * 60 * 60;

/** The last moment that a time stamp can tell. */
const END_OF_TIME = Date.parse('9999-12-31T23:59:59Z');

/**
 * The time of the local AgentCore: the machine's, and what it was moved on by. It never goes back, also not over a restart,
 * because what is stored has its times.
 */
export class VirtualClock implements ServerClock {
  /** The clock of a state directory; throws an Error where its file is damaged. */
  public static async open(stateDir: string, base: ServerClock = SYSTEM_CLOCK): Promise<VirtualClock> {
    const path = join(stateDir, FILE);
    await removeTemporaries(stateDir, FILE);
    return new VirtualClock(path, base, await readAdvance(path));
  }

  private constructor(private readonly path: string, private readonly base: ServerClock, private advance: number) {}

  /** By how many seconds it is ahead of the machine's. */
  public get advancedSeconds(): number {
    return this.advance;
  }

  public now(): number {
    return this.base.now() + this.advance * 1000;
  }

  /** What is wrong with a number of seconds to move on by. */
  public faultsOf(seconds: unknown): string[] {
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1 || seconds > MAX_STEP_SECONDS) {
      return [`advanceSeconds of ${JSON.stringify(seconds) ?? 'nothing'} is not a whole number from 1 to ${MAX_STEP_SECONDS}; the clock only goes forward`];
    }
    return this.now() + seconds * 1000 <= END_OF_TIME ? [] : [`advanceSeconds of ${seconds} leads beyond the year 9999; start on another state directory`];
  }

  /** Moves the clock on, lastingly. */
  public async moveOn(seconds: number): Promise<void> {
    await writeDurably(this.path, JSON.stringify({ advancedSeconds: this.advance + seconds }));
    this.advance += seconds;
  }
}

async function readAdvance(path: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  const advanced = parse(text)?.advancedSeconds;
  if (!Number.isSafeInteger(advanced) || advanced! < 0) throw new Error(`clock file ${path} is damaged; remove it to go back to the machine's time`);
  return advanced!;
}

function parse(text: string): { advancedSeconds?: number } | null | undefined {
  try {
    return JSON.parse(text) as { advancedSeconds?: number } | null;
  } catch {
    return undefined;
  }
}
