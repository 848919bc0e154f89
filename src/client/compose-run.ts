import { CommandInput } from './api/command';
import { InvalidInputError } from './api/errors';
import { COMMAND_TIMEOUT_SECONDS, validateCommandText, validateCommandTimeout, validateCommandWords } from '../service/command';
import { CommandLine, composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';

/** What a command is composed of. */
export interface RunParts {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: string;
  readonly timeoutSeconds?: number;
}

/** A command that the service takes. */
export interface ComposedRun {
  readonly line: CommandLine;
  /** The text to send. */
  readonly command: string;
  readonly timeoutSeconds: number;
}

/** @throws InvalidInputError with all that is wrong */
export function composeRun(command: CommandInput, parts: RunParts = {}): ComposedRun {
  const { timeoutSeconds = COMMAND_TIMEOUT_SECONDS.default } = parts;
  const line = lineOf(command, parts);
  const text = composeCommandLine(line);
  check([...lineFaults(line), ...validateCommandText(text), ...validateCommandTimeout(timeoutSeconds)]);
  return { line, command: text, timeoutSeconds };
}

export function lineOf(command: CommandInput, { cwd, env, shell }: RunParts): CommandLine {
  return { command, workingDirectory: cwd, environment: env, shell };
}

/** What is wrong with a command before it is wrapped. */
export function lineFaults({ command, workingDirectory, environment = {}, shell }: CommandLine): string[] {
  return [
    ...validateCommandWords(command),
    ...validateEnvironment(environment),
    ...(workingDirectory === undefined ? [] : validateWorkingDirectory(workingDirectory)),
    ...(shell === undefined || /^\/[\w@%+=:,./-]+$/.test(shell) ? [] : [`shell ${JSON.stringify(shell)} is not an absolute path of letters, digits and ._+-; for example /bin/bash`]),
  ];
}

/** @throws InvalidInputError where there is any fault */
export function check(faults: readonly string[]): void {
  if (faults.length > 0) throw new InvalidInputError(faults);
}
