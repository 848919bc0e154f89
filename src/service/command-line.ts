/** What to run, before it is wrapped for the service. */
export interface CommandLine {
  /** Shell text, or the words of one program's call. */
  readonly command: string | readonly string[];
  /** The directory to run in; absolute. */
  readonly workingDirectory?: string;
  /** Variables added to the session's environment for this command only. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The shell that the command is given to; absolute path. */
  readonly shell?: string;
}

export const DEFAULT_SHELL = '/bin/sh';

/**
 * The text to send for a command.
 *
 * The service may run the text through a shell or split it into words; sources disagree. This form means the same in
 * every reading: one program, `-c`, and one single-quoted word without any quote inside. Its standard input is empty,
 * because the service's never ends.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 */
export function composeCommandLine(line: CommandLine): string {
  const shell = line.shell ?? DEFAULT_SHELL;
  const script = composeScript(line);
  // a word without quotes, backslashes and newlines is read alike by every tokenizer
  if (!/['\\\r\n]/.test(script)) return `${shell} -c '${script}'`;
  return `${shell} -c '${encodeScript(script)}'`;
}

/** The script that the shell runs: an empty standard input, the directory, the variables, the command. */
export function composeScript(line: CommandLine): string {
  const { command, workingDirectory, environment = {} } = line;
  return [
    'exec </dev/null;',
    ...(workingDirectory === undefined ? [] : [`cd ${quote(workingDirectory)} || exit 1;`]),
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)};`),
    typeof command === 'string' ? command : `exec ${command.map(quote).join(' ')}`,
  ].join(' ');
}

/** A word as a POSIX shell reads it back unchanged; plain words stay bare, so that most commands need no encoding. */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replace(/'/g, "'\\''")}'`;
}

/**
 * A script as text without quotes of its own, which runs the same.
 *
 * By way of a variable: where the image has no `base64`, `eval` of nothing would succeed.
 */
export function encodeScript(script: string): string {
  return `script="$(echo ${Buffer.from(script, 'utf8').toString('base64')} | base64 -d)" && eval "$script"`;
}

/** The script that `encodeScript` made this text of, or undefined. */
export function decodeScript(text: string): string | undefined {
  const base64 = /^script="\$\(echo ([A-Za-z0-9+/=]+) \| base64 -d\)" && eval "\$script"$/.exec(text)?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}

/** What is wrong with a working directory. */
export function validateWorkingDirectory(path: string): string[] {
  if (path.startsWith('/') && !path.includes('\0')) return [];
  return [`working directory ${JSON.stringify(path)} is not an absolute path; commands start in an unspecified directory, so name it from /`];
}

/** What is wrong with the variables of a command. */
export function validateEnvironment(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => [
    ...(/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [] : [`environment variable name ${JSON.stringify(name)} is not a letter or underscore followed by letters, digits and underscores`]),
    ...(value.includes('\0') ? [`environment variable ${name} holds a null character, which no process can receive`] : []),
  ]);
}
