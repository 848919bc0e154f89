import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

const SYMBOLIC_LINK_MODE = 0o120777;
const REGULAR_FILE = 0o100000;

/** The first moment that a zip file knows, the same in every time zone, so that equal content gives equal bytes. */
const OPTIONS = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true } as const;

/** Packs a directory: POSIX modes and symbolic links stay, order and times are always the same. */
export async function zipDirectory(directory: string): Promise<Readable> {
  const zip = new ZipFile();
  await addDirectory(zip, directory, '');
  zip.end();
  return zip.outputStream as Readable;
}

async function addDirectory(zip: ZipFile, directory: string, prefix: string): Promise<void> {
  const names = (await readdir(directory)).sort();
  if (names.length === 0 && prefix !== '') zip.addEmptyDirectory(prefix, OPTIONS);
  for (const name of names) {
    const path = join(directory, name);
    const entry = `${prefix}${name}`;
    const stats = await lstat(path);
    if (stats.isDirectory()) {
      await addDirectory(zip, path, `${entry}/`);
    } else if (stats.isSymbolicLink()) {
      zip.addBuffer(Buffer.from(await readlink(path)), entry, { ...OPTIONS, mode: SYMBOLIC_LINK_MODE });
    } else if (stats.isFile()) {
      // eslint-disable-next-line no-bitwise
      zip.addBuffer(await readFile(path), entry, { ...OPTIONS, mode: REGULAR_FILE | (stats.mode & 0o777) });
    }
  }
}
