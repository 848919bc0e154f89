import { AgentCoreError } from './errors';

/** Shell text, or the words of one program's call. */
export type CommandInput = string | readonly string[];

/** Takes a piece of output; the next one is read only after what it returns has resolved. */
export type OutputListener = (text: string) => void | Promise<void>;

/** How a command is to be run. */
export interface CommandOptions {
  /**
   * The directory to run in; absolute.
   * @default - unspecified by the service
   */
  readonly cwd?: string;
  /**
   * Variables added to the session's environment for this command only. No secrets: the service logs the text of commands.
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The shell that the command is given to; absolute path.
   * @default /bin/sh
   */
  readonly shell?: string;
  /** Ends the call; it rejects with the signal's reason. Whether the command goes on in the session is not known then. */
  readonly signal?: AbortSignal;
}

/** What becomes of a command's output and end. */
export interface ResultOptions {
  /** Takes standard output as it comes. */
  readonly onStdout?: OutputListener;
  /** Takes standard error as it comes. */
  readonly onStderr?: OutputListener;
  /**
   * How much of each stream the result keeps, from its end, in bytes of UTF-8.
   * @default 65536
   */
  readonly maxBufferBytes?: number;
  /**
   * Whether anything but exit code 0 is thrown, as a CommandFailedError.
   * @default false
   */
  readonly check?: boolean;
}

export interface RunOptions extends CommandOptions, ResultOptions {
  /**
   * After how many seconds the service ends the command; 1 to 3600.
   * @default 300
   */
  readonly timeoutSeconds?: number;
}

/** Two texts, one for each stream. */
export interface StreamTexts {
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command ended. */
export interface CommandResult {
  /** 0 to 255; undefined where the command has none of its own: its time ran out, or the platform ended it. */
  readonly exitCode: number | undefined;
  /** Whether it exited with 0. */
  readonly ok: boolean;
  readonly timedOut: boolean;
  /** As the service says it: whatever its exit code, a command has COMPLETED unless its time ran out. */
  readonly status: 'COMPLETED' | 'TIMED_OUT';
  /** The end of what it wrote; all of it unless `truncated`. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether stdout or stderr lacks its beginning. */
  readonly truncated: boolean;
  /** The first characters of each stream that is not whole; else empty. */
  readonly head: StreamTexts;
  /** How many characters each stream had in all. */
  readonly characters: { readonly stdout: number; readonly stderr: number };
  readonly sessionId: string;
  readonly durationMillis: number;
  /** Tells AWS Support which call is meant. */
  readonly requestId?: string;
}

/** A piece of a command's output: one of the two. */
export type OutputPiece =
  | { readonly stdout: string; readonly stderr?: undefined }
  | { readonly stderr: string; readonly stdout?: undefined };

/** One command that a session object has run. */
export interface HistoryEntry {
  readonly command: CommandInput;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** With at most 4096 bytes of each stream; absent where there is none. */
  readonly result?: CommandResult;
  /** Why there is no result. */
  readonly error?: unknown;
}

/** A command did not exit with 0, and `check` was asked for. */
export class CommandFailedError extends AgentCoreError {
  public readonly name = 'CommandFailedError';

  constructor(message: string, public readonly result: CommandResult) {
    super(message, {
      retryable: false,
      mayHaveRun: true,
      nextStep: 'Read `result.stderr` and `result.stdout` of this error.',
      requestId: result.requestId,
    });
  }
}
