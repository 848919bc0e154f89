import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What lies in a directory, each with all that a copy keeps: for comparing two of them. */
export function snapshot(directory: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    const info = lstatSync(path);
    const mode = (info.mode % 0o1000).toString(8);
    if (info.isSymbolicLink()) found[prefix + name] = `-> ${readlinkSync(path)}`;
    else if (info.isDirectory()) Object.assign(found, { [`${prefix}${name}/`]: mode }, snapshot(path, `${prefix}${name}/`));
    else found[prefix + name] = `${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  }
  return found;
}

/** Names that shells, tar and terminals have trouble with. */
export const ODD_NAMES = [
  '-rf', '--', '-', 'with space', ' leading', 'trailing ', "it's", 'a"b', 'a$HOME', '`id`', 'back\\slash', 'new\nline', 'tab\there', '*', '?', '[a]', '~', '#', '!', '...',
  '.hidden', '..twodots', 'ünïcødé-✓', ';echo', '&', '|', '(', 'a=b', `${'long-'.repeat(40)}name`,
];

/** A folder with files, modes, links, empty directories and odd names. */
export function oddFolder(directory: string): void {
  mkdirSync(directory);
  for (const [n, name] of ODD_NAMES.entries()) writeFileSync(join(directory, name), `content ${n}\n`);
  mkdirSync(join(directory, 'deep/er/and/deeper'), { recursive: true });
  mkdirSync(join(directory, 'empty'));
  mkdirSync(join(directory, '-dash dir'));
  writeFileSync(join(directory, '-dash dir/-file'), 'x');
  writeFileSync(join(directory, 'deep/er/script.sh'), '#!/bin/sh\necho hi\n');
  chmodSync(join(directory, 'deep/er/script.sh'), 0o755);
  writeFileSync(join(directory, 'deep/private'), 'secret');
  chmodSync(join(directory, 'deep/private'), 0o600);
  writeFileSync(join(directory, 'empty-file'), '');
  writeFileSync(join(directory, 'deep/binary'), randomBytes(100_000));
  symlinkSync('er/script.sh', join(directory, 'deep/link'));
  symlinkSync('deep', join(directory, 'to-directory'));
  symlinkSync('not-there', join(directory, 'dangling'));
  symlinkSync('../empty-file', join(directory, `deep/${'l'.repeat(150)}`));
  mkdirSync(join(directory, 'restricted'), { mode: 0o750 });
}
