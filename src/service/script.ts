import { COMMAND_LENGTH } from './command';
import { composeCommandLine, DEFAULT_SHELL } from './command-line';

/** Writes its first argument into a file, runs that with all others, and ends with its exit code. */
const LAUNCHER = [
  'file="$(mktemp)" && printf %s "$1" >"$file" && chmod 700 "$file" || exit 1',
  `case "$1" in "#!"*) shell= ;; *) shell=${DEFAULT_SHELL} ;; esac`,
  'shift',
  '$shell "$file" "$@"',
  'code=$?',
  'rm -f "$file"',
  'exit $code',
].join('; ');

/**
 * The words that run a script as a file of its own: by the program of its first line, or by `sh` where that begins with no
 * `#!`. The file is there for the run only, in the session's directory for temporary files.
 *
 * The script is a word, and not a part of the launcher or a here-document: words that are not known yet are quoted once
 * they are, and some shells lose bytes of here-documents.
 *
 * @param args reach the script as they are
 */
export function composeScriptCall(script: string, args: readonly string[]): string[] {
  return [DEFAULT_SHELL, '-c', LAUNCHER, 'script', script, ...args];
}

/**
 * What is wrong with a script and its arguments.
 *
 * @param name what messages call it
 */
export function validateScript(name: string, script: string, args: readonly string[]): string[] {
  const { length } = composeCommandLine({ command: composeScriptCall(script, args) });
  const { max } = COMMAND_LENGTH;
  return [
    ...(script.trim() ? [] : [`${name} is empty; write into it what is to be run`]),
    ...([script, ...args].some((text) => text.includes('\0')) ? [`${name} or one of its arguments holds a null character; only text can be sent`] : []),
    ...(/^#![^\n]*\r\n/.test(script) ? [`${name} ends its #! line with a carriage return, which would count as part of the program's name; save it with line feeds only`] : []),
    ...(length <= max ? [] : [
      `${name} has ${Buffer.byteLength(script)} bytes, which are ${length} characters with its arguments once they are wrapped for the service, allowed are ${max}; `
      + 'put it into the image or the code of the agent, and run it there by Command.argv',
    ]),
  ];
}
