import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Entry, open, ZipFile } from 'yauzl';

const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** Unpacks a zip file into a directory, with the modes and symbolic links that it holds. */
export async function unzip(file: string, directory: string): Promise<void> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    // yauzl itself refuses names that would lead out of the directory
    open(file, { lazyEntries: true, strictFileNames: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  await mkdir(directory, { recursive: true });
  const links: { readonly path: string; readonly target: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      unpack(zip, entry, directory, links).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  }).finally(() => zip.close());
  // last, so that no entry is ever written through a link
  for (const { path, target } of links) await symlink(target, path);
}

async function unpack(zip: ZipFile, entry: Entry, directory: string, links: { path: string; target: string }[]): Promise<void> {
  const path = join(directory, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const mode = Math.floor(entry.externalFileAttributes / 0x10000);
  const content = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
  // eslint-disable-next-line no-bitwise
  if ((mode & FILE_TYPE) === SYMBOLIC_LINK) {
    links.push({ path, target: await text(content) });
    return;
  }
  await pipeline(content, createWriteStream(path));
  // eslint-disable-next-line no-bitwise
  if (mode !== 0) await chmod(path, mode & 0o777);
}
