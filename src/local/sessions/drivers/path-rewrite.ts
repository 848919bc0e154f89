/** Where a path inside is found on the host. */
export interface PathMapping {
  readonly inside: string;
  readonly outside: string;
}

/** How `composeCommandLine` wraps a script that cannot stand between single quotes. */
const ENCODED_SCRIPT = /^eval "\$\(echo ([A-Za-z0-9+/=]+) \| base64 -d\)"$/;

/**
 * Puts the host's paths in place of those inside, wherever one begins a path in a word: not within a longer name, and
 * not in what is built at run time. Scripts that the session client has encoded are looked into.
 */
export function rewritePaths(word: string, mappings: readonly PathMapping[]): string {
  const encoded = ENCODED_SCRIPT.exec(word)?.[1];
  if (encoded !== undefined) {
    const script = rewritePaths(Buffer.from(encoded, 'base64').toString('utf8'), mappings);
    return `eval "$(echo ${Buffer.from(script, 'utf8').toString('base64')} | base64 -d)"`;
  }
  const alternatives = mappings.map(({ inside }) => inside.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (alternatives === '') return word;
  // before: nothing that a path or name goes on from, or an option letter (-C/mnt/x), or file://; after: the end of a name
  const path = new RegExp(`(?<=^|[^A-Za-z0-9._/~-]|(?:^|[\\s'"])-[A-Za-z]|file://)(${alternatives})(?![A-Za-z0-9._-])`, 'g');
  return word.replace(path, (inside) => mappings.find((mapping) => mapping.inside === inside)!.outside);
}
