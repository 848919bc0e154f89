import { createWriteStream } from 'node:fs';
import { chmod, mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Entry, openPromise, ZipFile } from 'yauzl';

const MAX_LINK_BYTES = 4_095;

/** A file type as the upper four bits of a POSIX mode have it. */
const TYPE = { none: 0, directory: 0o4, file: 0o10, link: 0o12 } as const;

interface Link {
  readonly name: string;
  readonly path: string;
  readonly target: string;
}

/**
 * Unpacks a zip file into a directory that is empty or not there yet, with its POSIX permissions.
 *
 * Nothing is written outside of the directory, and no symbolic link leads out of it.
 *
 * @param maxBytes how much it may hold unpacked
 * @throws Error where the file is no zip file, is broken, is too large, or holds an entry that may not be
 */
export async function unzip(zipPath: string, directory: string, maxBytes: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const root = await realpath(directory);
  const zip = await openPromise(zipPath, { lazyEntries: true, autoClose: false });
  try {
    const budget = { left: maxBytes, max: maxBytes };
    const directories = new Map<string, number>();
    const links: Link[] = [];
    for await (const entry of zip.eachEntry()) await unpack(zip, entry, root, budget, directories, links);
    // at last, so that no entry is written through a link
    for (const link of links) await makeLink(link, root);
    for (const link of links) await checkLink(link, root);
    for (const [path, mode] of [...directories].reverse()) await chmod(path, mode);
  } finally {
    zip.close();
  }
}

async function unpack(
  zip: ZipFile, entry: Entry, root: string, budget: { left: number; readonly max: number }, directories: Map<string, number>, links: Link[],
): Promise<void> {
  const name = entry.fileName;
  const path = resolve(root, name);
  if (!isInside(path, root)) throw new Error(`entry ${show(name)} lies outside of the zip file's own tree`);
  const { type, permissions } = modeOf(entry);
  if (type === TYPE.directory || name.endsWith('/')) {
    await mkdir(path, { recursive: true });
    // one that its owner cannot enter or change could not be unpacked into, nor removed again
    if (path !== root && permissions !== undefined && Math.floor(permissions / 0o100) === 7) directories.set(path, permissions);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const content = await zip.openReadStreamPromise(entry);
  if (type === TYPE.link) {
    if (entry.uncompressedSize > MAX_LINK_BYTES) throw new Error(`symbolic link ${show(name)} has a target of more than ${MAX_LINK_BYTES} bytes`);
    links.push({ name, path, target: await text(content) });
  } else if (type === TYPE.file || type === TYPE.none) {
    await writeFile(content, path, budget, name);
    await chmod(path, permissions ?? 0o644);
  } else {
    content.destroy();
    throw new Error(`entry ${show(name)} is neither a file, a directory nor a symbolic link`);
  }
}

async function writeFile(content: Readable, path: string, budget: { left: number; readonly max: number }, name: string): Promise<void> {
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      budget.left -= chunk.length;
      if (budget.left < 0) done(new Error(`the zip file holds more than ${budget.max} bytes`));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(content, counted, createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Error(`entry ${show(name)} is in the zip file twice`);
    throw error;
  }
}

async function makeLink({ name, path, target }: Link, root: string): Promise<void> {
  if (isAbsolute(target) || !isInside(resolve(dirname(path), target), root)) throw leadsOut(name, target);
  try {
    await symlink(target, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Error(`entry ${show(name)} is in the zip file twice`);
    throw error;
  }
}

/** A path that looks inside may still lead out through other links. */
async function checkLink({ name, path, target }: Link, root: string): Promise<void> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !isInside(real, root)) throw leadsOut(name, target);
}

function leadsOut(name: string, target: string): Error {
  return new Error(`symbolic link ${show(name)} leads to ${show(target)}, which is not in the zip file`);
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root + sep);
}

/** Zip files made on systems without POSIX permissions have none. */
function modeOf(entry: Entry): { readonly type: number; readonly permissions?: number } {
  const mode = Math.floor(entry.externalFileAttributes / 0x10000);
  // without the set-user-id, set-group-id and sticky bits
  return { type: Math.floor(mode / 0o10000), permissions: mode === 0 ? undefined : mode % 0o1000 };
}

function show(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
