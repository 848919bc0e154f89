import { describe } from './model/validate';

/**
 * What the service allows an interactive shell.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-command-shell.html
 */
export const SHELL_LIMITS = {
  /** How many shells a session may have at a time. */
  perSession: 10,
  /** The most that one frame may hold, in bytes, with the byte of its channel. */
  frameBytes: 64 * 1024,
  framesPerSecond: 250,
  /** How much of the output that nobody was connected for is kept, in bytes; the last of it. */
  replayBytes: 256 * 1024,
  /** How long one connection may last; the shell outlasts it. */
  connectionSeconds: 3_600,
} as const;

/** The operation's name, as permissions and fault plans have it; the service's model has no such operation. */
export const SHELL_OPERATION = 'InvokeAgentRuntimeCommandShell';

/** The header by which the service tells the id of a shell, in lower case. */
export const SHELL_ID_HEADER = 'x-amzn-bedrock-agentcore-shell-id';

/** With what code a shell's connection is closed. */
export const SHELL_CLOSE = {
  /** The shell has ended. */
  normal: 1000,
  /** The connection ends and the shell goes on. */
  goingAway: 1001,
  unsupportedData: 1003,
  policyViolation: 1008,
  messageTooBig: 1009,
  internalError: 1011,
  /** Another connection has taken the shell over. */
  replaced: 4000,
} as const;

const SHELL_ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/;

/** What is wrong with the id of a shell. */
export function validateShellId(id: string): string[] {
  if (SHELL_ID.test(id)) return [];
  return [`shell id ${describe(id)} is not a letter or digit followed by up to 127 letters, digits, hyphens and underscores`];
}

/** What is wrong with the size of a terminal, in characters. */
export function validateTerminalSize(columns: number, rows: number): string[] {
  return [['columns', columns] as const, ['rows', rows] as const]
    .filter(([, value]) => !Number.isInteger(value) || value < 1 || value > 65_535)
    .map(([name, value]) => `${name} of ${value} is not a whole number from 1 to 65535`);
}

/**
 * Whether a connection that was closed with a code is worth another one: neither has the shell ended, nor has somebody else
 * taken it over, nor would the same be sent again.
 */
export function isShellResumable(closeCode: number): boolean {
  const { normal, unsupportedData, policyViolation, messageTooBig, replaced } = SHELL_CLOSE;
  return ![normal, unsupportedData, policyViolation, messageTooBig, replaced].includes(closeCode as never);
}

/**
 * Whether the error of a session that refuses a shell is about the shell: an id that is none, or one shell too many. Its name is
 * that of a session that has not started yet, and its wording is not documented.
 */
export function isShellRefusal(message: string): boolean {
  return /shell|capacity|limit/i.test(message);
}

/** The path at which a shell of a runtime is opened. */
export function shellPath(runtimeArn: string): string {
  return `/runtimes/${encodeURIComponent(runtimeArn)}/ws/shells`;
}

/** The part of a percent-encoded path that names the runtime whose shell is to be opened; undefined for any other path. */
export function runtimeOfShellPath(rawPath: string): string | undefined {
  return /^\/runtimes\/([^/]+)\/ws\/shells\/?$/.exec(rawPath)?.[1];
}
