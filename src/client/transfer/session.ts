/** What a transfer asks of a command beyond its text. */
export interface TransferRunOptions {
  readonly signal?: AbortSignal;
  /** When the service ends it. */
  readonly timeoutSeconds?: number;
  /** How much of each stream the result needs to keep, from its end. */
  readonly maxBufferBytes?: number;
  /** Awaited before more output is read. */
  readonly onStdout?: (text: string) => void | Promise<void>;
}

/** How a command of a transfer ended. */
export interface TransferRunResult {
  /** Absent or below 0 where the platform, not the command, ended it. */
  readonly exitCode?: number;
  /** The end of what it wrote. */
  readonly stdout: string;
  readonly stderr: string;
}

/** A session as far as copying files needs it: something that runs shell text. */
export interface TransferSession {
  /**
   * Runs shell text with an empty standard input.
   *
   * @throws an error named CommandOutcomeUnknownError when the command may have run and its result did not arrive; any other one is
   * final
   */
  run(command: string, options?: TransferRunOptions): Promise<TransferRunResult>;
}

/** Runs shell text; an error of the listener comes through as it is, whatever the session makes of it. */
export async function runListening(session: TransferSession, command: string, options: TransferRunOptions & Required<Pick<TransferRunOptions, 'onStdout'>>): Promise<TransferRunResult> {
  let failure: { readonly error: unknown } | undefined;
  const onStdout = async (text: string) => {
    try {
      await options.onStdout(text);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  return session.run(command, { ...options, onStdout }).catch((error) => { throw failure === undefined ? error : failure.error; });
}

/** Whether a command may have run without its result arriving; all commands of a transfer may be repeated. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.name === 'CommandOutcomeUnknownError';
}
