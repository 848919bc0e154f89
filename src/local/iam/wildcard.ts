/** Any characters, also none: `*` of a policy. */
export const ANY = Symbol('*');

/** Exactly one character: `?` of a policy. */
export const ONE = Symbol('?');

/** A text of a policy, a character each; what stands there as a wildcard is no character any more. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

const WILDCARDS: Readonly<Record<string, typeof ANY | typeof ONE>> = { '*': ANY, '?': ONE };

/** Reads `*` and `?` of a text as wildcards. */
export function wildcards(text: string): Pattern {
  return [...text].map((character) => WILDCARDS[character] ?? character);
}

/** The text of a pattern for comparisons that know no wildcards. */
export function plainText(pattern: Pattern): string {
  return pattern.map((part) => (part === ANY ? '*' : part === ONE ? '?' : part as string)).join('');
}

/** Whether the pattern covers the whole text, with regard to case; in time of at most the product of both lengths. */
export function covers(pattern: Pattern, text: string): boolean {
  const characters = [...text];
  let at = 0;
  let position = 0;
  // the last `*`, and how far the characters reach that it stands for
  let star = -1;
  let reach = 0;
  while (position < characters.length) {
    if (at < pattern.length && pattern[at] === ANY) {
      star = at++;
      reach = position;
    } else if (at < pattern.length && (pattern[at] === ONE || pattern[at] === characters[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++reach;
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === ANY) at++;
  return at === pattern.length;
}
