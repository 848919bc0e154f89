/** The command did not start; running it again is safe. */
export class CommandNotStartedError extends Error {
  public readonly name = 'CommandNotStartedError';

  constructor(public readonly sessionId: string, cause: unknown) {
    super(`the command did not start in session ${sessionId}: ${describeError(cause)}`, { cause });
  }
}

/** The command may have run, wholly or in part; running it again may repeat what it did. */
export class CommandOutcomeUnknownError extends Error {
  public readonly name = 'CommandOutcomeUnknownError';

  constructor(
    public readonly sessionId: string,
    /** What was received before the connection was lost. */
    public readonly output: { readonly stdout: string; readonly stderr: string },
    why: string,
    cause?: unknown,
  ) {
    super(`the outcome of the command in session ${sessionId} is unknown: ${why}`, { cause });
  }
}

/** An error in one line: its name, unless that says nothing, and its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
