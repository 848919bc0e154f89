import { decodeScript, encodeScript } from '../../../service/command-line';

/** Where a path inside is found on the host. */
export interface PathMapping {
  readonly inside: string;
  readonly outside: string;
}

/**
 * Puts the host's paths in place of those inside, wherever one begins a path in a word: not within a longer name, and
 * not in what is built at run time. Scripts that the session client has encoded are looked into.
 */
export function rewritePaths(word: string, mappings: readonly PathMapping[]): string {
  const script = decodeScript(word);
  if (script !== undefined) return encodeScript(rewritePaths(script, mappings));
  const alternatives = mappings.map(({ inside }) => inside.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (alternatives === '') return word;
  // before: nothing that a path or name goes on from, or an option letter (-C/mnt/x), or file://; after: the end of a name
  const path = new RegExp(`(?<=^|[^A-Za-z0-9._/~-]|(?:^|[\\s'"])-[A-Za-z]|file://)(${alternatives})(?![A-Za-z0-9._-])`, 'g');
  return word.replace(path, (inside) => mappings.find((mapping) => mapping.inside === inside)!.outside);
}
