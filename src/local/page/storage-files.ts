import { constants } from 'node:fs';
import { FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface FileEntry {
  readonly name: string;
  readonly kind: 'directory' | 'file' | 'link' | 'other';
  /** In bytes; of a file. */
  readonly size?: number;
  /** Where a link points to; nobody follows it. */
  readonly target?: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface Listing {
  readonly kind: 'directory';
  /** Directories first, then by name. */
  readonly entries: readonly FileEntry[];
  /** Entries beyond those that are shown. */
  readonly more: number;
}

export interface OpenFile {
  readonly kind: 'file';
  readonly size: number;
  readonly handle: FileHandle;
}

export interface Usage {
  readonly files: number;
  readonly bytes: number;
  /** Whether there is more than was counted. */
  readonly more: boolean;
}

const MAX_ENTRIES = 1_000;
const MAX_COUNTED = 20_000;

/**
 * What lies at a path below a directory: a listing, or an open file, which the caller closes; undefined where there is
 * nothing to show. Links are never followed, also not those that a running command puts in the way meanwhile.
 */
export async function openBelow(root: string, segments: readonly string[]): Promise<Listing | OpenFile | undefined> {
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || ['/', sep, '\0'].some((character) => segment.includes(character)))) return undefined;
  try {
    // non-blocking: a pipe would keep us waiting for its writer
    const path = join(await realpath(root), ...segments);
    const handle = await open(path, constants.O_RDONLY + constants.O_NOFOLLOW + constants.O_NONBLOCK);
    let isFile = false;
    try {
      const found = await handle.stat();
      if (!await isReally(path, found)) return undefined;
      // by its descriptor where that has a path, because something else may come to lie at the old one
      if (found.isDirectory()) return await list(process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path);
      isFile = found.isFile();
      return isFile ? { kind: 'file', size: found.size, handle } : undefined;
    } finally {
      if (!isFile) await handle.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Whether what was opened is what lies at the path, with no link on the way. */
async function isReally(path: string, opened: { dev: number; ino: number }): Promise<boolean> {
  if (await realpath(path) !== path) return false;
  const { dev, ino } = await stat(path);
  return dev === opened.dev && ino === opened.ino;
}

async function list(directory: string): Promise<Listing> {
  const found = await readdir(directory, { withFileTypes: true });
  const rank = (entry: { isDirectory(): boolean }) => (entry.isDirectory() ? 0 : 1);
  found.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const entries = await Promise.all(found.slice(0, MAX_ENTRIES).map(async ({ name }) => entryOf(directory, name)));
  return { kind: 'directory', entries: entries.filter((entry) => entry !== undefined), more: Math.max(0, found.length - MAX_ENTRIES) };
}

/** Undefined where it has gone meanwhile. */
async function entryOf(directory: string, name: string): Promise<FileEntry | undefined> {
  const path = join(directory, name);
  try {
    const found = await lstat(path);
    const modifiedAt = found.mtimeMs;
    if (found.isSymbolicLink()) return { name, kind: 'link', target: await readlink(path), modifiedAt };
    if (found.isFile()) return { name, kind: 'file', size: found.size, modifiedAt };
    return { name, kind: found.isDirectory() ? 'directory' : 'other', modifiedAt };
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** How many files there are below a directory, and how large they are together. */
export async function usageBelow(root: string): Promise<Usage> {
  let files = 0;
  let bytes = 0;
  let counted = 0;
  const waiting = [root];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
      if (++counted > MAX_COUNTED) return { files, bytes, more: true };
      const path = join(directory, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      if (!entry.isFile()) continue;
      files++;
      bytes += (await lstat(path).catch(() => undefined))?.size ?? 0;
    }
  }
  return { files, bytes, more: false };
}
