/** Something that the person at the terminal can put right: shown as one line, without a stack. */
export class UserError extends Error {
  public readonly name = 'UserError';
}

/** What the command was called with makes no sense: one line, and an exit code of its own. */
export class UsageError extends UserError {}

/** What the command exits with after a UsageError, as shells have it. */
export const USAGE = 2;

/** What the command exits with when it is not the remote command that failed; as `docker run` does. */
export const CLI_FAILURE = 125;

/** What it exits with when the remote command's time ran out; as `timeout` does. */
export const TIMED_OUT = 124;
