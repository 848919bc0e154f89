import { describe } from './model/validate';

/** What a process can exit with. */
export const EXIT_CODE = { min: 0, max: 255 } as const;

const NULL_CHARACTER = 'command holds a null character, which no process can receive; put such data into a file on the mount and read that';

/** How many characters a command may have, as sent. */
export const COMMAND_LENGTH = { min: 1, max: 65_536 } as const;

/** The time-out of a command in seconds: what is allowed, and what counts where none is sent. */
export const COMMAND_TIMEOUT_SECONDS = { min: 1, max: 3_600, default: 300 } as const;

/** What is wrong with the time-out of a command. */
export function validateCommandTimeout(seconds: number, max: number = COMMAND_TIMEOUT_SECONDS.max): string[] {
  if (Number.isInteger(seconds) && seconds >= COMMAND_TIMEOUT_SECONDS.min && seconds <= max) return [];
  return [`time-out of ${typeof seconds === 'number' ? seconds : describe(seconds)} s is not a whole number from ${COMMAND_TIMEOUT_SECONDS.min} to ${max} s`];
}

/** What is wrong with a command as it would be sent. */
export function validateCommandText(text: string): string[] {
  const { min, max } = COMMAND_LENGTH;
  return [
    ...(text.length >= min && text.length <= max ? []
      : [`command has ${text.length} characters once it is wrapped for the service, allowed are ${min} to ${max}; put long work into a script on the mount and run that`]),
    ...(text.includes('\0') ? [NULL_CHARACTER] : []),
  ];
}

/**
 * What is wrong with shell text, or the words of one program's call, before it is wrapped for the service: the wrapping
 * may hide a null character from `validateCommandText`.
 */
export function validateCommandWords(command: string | readonly string[]): string[] {
  const words = typeof command === 'string' ? [command] : command;
  return [
    ...(words[0]?.trim() ? [] : ['command is empty; give it some shell text or the name of a program']),
    ...(words.some((word) => word.includes('\0')) ? [NULL_CHARACTER] : []),
  ];
}

/** What is wrong with the exit codes that count as success. */
export function validateExitCodes(codes: readonly number[]): string[] {
  const { min, max } = EXIT_CODE;
  if (codes.length === 0) return [`no exit code is expected, so that no command could succeed; name those that count as success, ${min} to ${max}`];
  return codes
    .filter((code) => !Number.isInteger(code) || code < min || code > max)
    .map((code) => `expected exit code ${typeof code === 'number' ? code : describe(code)} is not a whole number from ${min} to ${max}`);
}
