import { ServiceError } from '../service-error';

/**
 * How command text becomes a program's call; which of the three the service does is disputed:
 * `strict` splits into words with few rules, `posix` splits as a shell would without expanding, `shell` runs a shell.
 */
export type TokenizerMode = 'strict' | 'posix' | 'shell';

export const TOKENIZER_MODES: readonly TokenizerMode[] = ['strict', 'posix', 'shell'];

/**
 * The words to start for a command; throws ValidationException where the text has no words or an open quote.
 *
 * @param shell the shell of mode `shell`; absolute path
 */
export function tokenize(command: string, mode: TokenizerMode, shell = '/bin/bash'): string[] {
  if (mode === 'shell') return [shell, '-c', command];
  const words = mode === 'strict' ? splitStrict(command) : splitPosix(command);
  if (words.length === 0) throw new ServiceError('ValidationException', 'command has no words; name a program', { reason: 'CannotParse' });
  return words;
}

/**
 * Words apart by white space. A quote counts at the start of a word only and ends the word where it closes, so quoted
 * parts do not join; single quotes take everything as it is, double quotes know `\"` and `\\`.
 */
function splitStrict(text: string): string[] {
  const word = /[ \t\r\n]*(?:'([^']*)'|"((?:\\["\\]|[^"\\]|\\(?!["\\]))*)"|([^ \t\r\n'"][^ \t\r\n]*))/y;
  const words: string[] = [];
  const end = text.replace(/[ \t\r\n]+$/, '').length;
  while (word.lastIndex < end) {
    const at = word.lastIndex;
    const match = word.exec(text);
    if (match === null) throw openQuote(text, at);
    const [, single, double, bare] = match;
    words.push(single ?? double?.replace(/\\(["\\])/g, '$1') ?? bare);
  }
  return words;
}

/** Words as a POSIX shell splits them: quoted and bare parts join, a backslash quotes; nothing is expanded. */
function splitPosix(text: string): string[] {
  const part = /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])|([ \t\r\n]+)|([^ \t\r\n'"\\]+)/y;
  const words: string[] = [];
  let word: string | undefined;
  while (part.lastIndex < text.length) {
    const at = part.lastIndex;
    const match = part.exec(text);
    if (match === null) throw openQuote(text, at);
    const [, single, double, escaped, space, bare] = match;
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (escaped === '\n') {
      continue;
    } else {
      word = (word ?? '') + (single ?? double?.replace(/\\([$`"\\\n])/g, (_, char) => (char === '\n' ? '' : char)) ?? escaped ?? bare);
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function openQuote(text: string, at: number): ServiceError {
  const near = text.slice(at).trimStart();
  return new ServiceError('ValidationException', `command has a quote that is never closed, from ${JSON.stringify(near.slice(0, 40))}`, { reason: 'CannotParse' });
}
