import { CommandOptions, CommandResult, ResultOptions } from './command';

export interface DetachedOptions extends CommandOptions {
  /**
   * After how many seconds the command is ended; 1 to 28800. The session's own life times count too: where nobody calls it, it
   * ends after its idle time-out, 15 minutes unless told otherwise, and the command with it.
   * @default 3600
   */
  readonly timeoutSeconds?: number;
}

/** What names a detached command; JSON, for another process to attach to. */
export interface DetachedHandle {
  readonly runtimeArn: string;
  readonly sessionId: string;
  readonly qualifier: string;
  /** Tells this run from every other one of the session. */
  readonly token: string;
  /** When it was started, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly timeoutSeconds: number;
}

export interface WaitOptions extends ResultOptions {
  /** Ends the waiting, not the command; rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A command that goes on in its session whether somebody listens or not. */
export interface DetachedCommand {
  /** What `session.attach` takes; JSON. */
  readonly handle: DetachedHandle;

  /**
   * Reads the command's output, from its beginning, until it ends. To read changes nothing, so it may be done again, and lost
   * connections are taken up where they broke off.
   *
   * @throws CommandOutcomeUnknownError when the session's machine is gone, and the command with it, or cannot be reached
   */
  wait(options?: WaitOptions): Promise<CommandResult>;

  /** Ends the command and all that it started; who waits for it is told of a time-out. */
  stop(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Removes what the command has left in its session, its output too, and ends it where it has not ended. */
  remove(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** The handle, for JSON.stringify. */
  toJSON(): DetachedHandle;
}
