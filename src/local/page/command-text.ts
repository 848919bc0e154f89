import { decodeScript } from '../../service/command-line';

/** A command as people wrote it. */
export interface CommandText {
  readonly text: string;
  readonly workingDirectory?: string;
}

const WORD = String.raw`(?:'[^']*'|\\'|[A-Za-z0-9_@%+=:,./-])+`;
const BEGINNING = new RegExp(String.raw`^exec </dev/null; (?:cd (${WORD}) \|\| exit 1; )?((?:export [A-Za-z_][A-Za-z0-9_]*=${WORD}; )*)`);
const VALUE = new RegExp(`=${WORD}; `, 'g');

/**
 * Reads a command that has the form in which this library sends commands: without what is around the script, and
 * without the values of its variables, which may be secrets. Any other text stays as it is.
 */
export function readCommand(sent: string): CommandText {
  const quoted = /^\/\S* -c '([^']*)'$/.exec(sent)?.[1];
  const script = quoted === undefined ? sent : decodeScript(quoted) ?? quoted;
  const [beginning, directory, variables] = BEGINNING.exec(script) ?? [];
  if (beginning === undefined) return { text: sent };
  const text = `${variables.replace(VALUE, '=…; ')}${script.slice(beginning.length)}`;
  return directory === undefined ? { text } : { text, workingDirectory: unquoted(directory) };
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|\\(')/g, (_, inside = '', escaped = '') => inside + escaped);
}
