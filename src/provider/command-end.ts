import { Command } from './command-properties';
import { COMMAND_ATTRIBUTES, CommandAttribute } from './contract';
import { CommandNotStartedError, CommandOutcomeUnknownError, describeError } from '../client/errors';
import { CommandResult } from '../client/run-command';

export type CommandAttributes = Readonly<Record<CommandAttribute, string>>;

/** What a run of a command came to, as the resource tells it. */
export interface CommandEnd {
  readonly attributes: CommandAttributes;
  /** Why that counts as a failure; undefined for a success. */
  readonly failure?: string;
}

/** A command that has told its result. */
export function endOfResult(result: CommandResult, command: Command, logUrl: string): CommandEnd {
  const { exitCode, status, stdout, stderr, truncated, durationMillis, sessionId } = result;
  return {
    attributes: attributes(logUrl, {
      ExitCode: String(exitCode),
      Status: status,
      Stdout: stdout,
      Stderr: stderr,
      Truncated: String(truncated),
      DurationMillis: String(durationMillis),
      SessionId: sessionId,
    }),
    failure: status === 'COMPLETED' && command.expectedExitCodes.includes(exitCode) ? undefined : failureOf(result, command),
  };
}

/** A command that was refused, or whose result was lost. */
export function endWithoutResult(error: unknown, sessionId: string, logUrl: string): CommandEnd {
  const output = error instanceof CommandOutcomeUnknownError ? error.output : { stdout: '', stderr: '' };
  return {
    attributes: attributes(logUrl, {
      Status: error instanceof CommandNotStartedError ? 'NOT_STARTED' : 'UNKNOWN',
      Stdout: output.stdout,
      Stderr: output.stderr,
      SessionId: sessionId,
    }),
    failure: `${describeError(error)}${endOf(output.stderr)}`,
  };
}

/** A command that was not to be run, and whose last result is not known any more. */
export function notRun(logUrl: string): CommandAttributes {
  return attributes(logUrl, { Status: 'NOT_RUN' });
}

/** Each attribute is always there: what asks for one that is not fails the stack. */
function attributes(LogUrl: string, told: Partial<CommandAttributes>): CommandAttributes {
  const none = Object.fromEntries(COMMAND_ATTRIBUTES.map((name) => [name, ''])) as CommandAttributes;
  return { ...none, Truncated: 'false', ...told, LogUrl };
}

function failureOf({ exitCode, status, sessionId, stdout, stderr, timeoutSeconds }: CommandResult, command: Command): string {
  const what = status === 'TIMED_OUT'
    ? `the command timed out after ${timeoutSeconds ?? command.timeoutSeconds} s (exit code ${exitCode}, `
    : `the command failed with exit code ${exitCode} (`;
  const { expectedExitCodes: expected } = command;
  const wanted = status === 'TIMED_OUT' || expected.join() === '0' ? '' : `, expected was ${expected.join(' or ')}`;
  return `${what}status ${status}, session ${sessionId}${wanted})${endOf(stderr || stdout)}`;
}

function endOf(text: string): string {
  const tail = text.trimEnd().slice(-1_000);
  return tail ? `; it ended with: ${tail}` : '';
}
