import { constants } from 'node:os';
import { isBrokenPipe } from './output';

/** Our work has ended before its time; whoever asked for that needs no message. */
export class Interrupted extends Error {
  public readonly name = 'Interrupted';
  public readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.exitCode = exitCodeOf(signal);
  }
}

/** What a shell says of a program that a signal has ended. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Listens, from now to the end of the process, for what ends its work early: SIGINT, SIGTERM, SIGHUP, or a reader of our
 * output that goes away. A second signal of a kind ends the process as if nobody listened.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private readonly struck: Promise<never>;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => this.strike(signal));
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error) => {
        if (isBrokenPipe(error)) this.strike('SIGPIPE');
      });
    }
    this.struck = new Promise((_, reject) => this.signal.addEventListener('abort', () => reject(this.signal.reason)));
    this.struck.catch(() => undefined);
  }

  /** Aborts when the interruption comes. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What the work comes to, whether it heeds the signal or not; throws Interrupted when that comes first. */
  public async race<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([this.struck, work]);
    } catch (error) {
      // work that heeds the signal may put it into words of its own
      this.signal.throwIfAborted();
      throw error;
    }
  }

  private strike(signal: NodeJS.Signals): void {
    this.controller.abort(new Interrupted(signal));
  }
}
