import { Dirent, lstatSync, readdirSync, Stats } from 'node:fs';
import { join } from 'node:path';
import { lockKey } from './held-locks';
import { SESSION_STORAGE } from '../../service/quotas';

/** What is in a session's storage. */
export interface StorageCensus {
  /** Of all files, each counted once. */
  readonly bytes: number;
  /** Files, directories, symbolic links. */
  readonly files: number;
  /** The last time that any of it was changed, in milliseconds since the epoch. */
  readonly lastChange: number;
  /** The paths, below their mount, of what stands out; by what it is. */
  readonly found: ReadonlyMap<Oddity, readonly string[]>;
}

export type Oddity =
  | 'deeper' | 'longName' | 'longTarget'
  | 'hardLink' | 'fifo' | 'socket' | 'device' | 'locked' | 'early';

export interface WalkOptions {
  /** Files on which locks were seen; see `heldLocks`. */
  readonly locked?: ReadonlySet<string>;
  /** What was changed after this is `early`. */
  readonly changedAfter?: number;
}

/** After so many entries others get their turn. */
const ENTRIES_PER_TURN = 500;

/** Walks over directories, while other work goes on; what vanishes meanwhile is not counted. */
export async function walkStorage(directories: readonly string[], { locked, changedAfter = Infinity }: WalkOptions = {}): Promise<StorageCensus> {
  let bytes = 0;
  let files = 0;
  let lastChange = 0;
  const found = new Map<Oddity, string[]>();
  const counted = new Set<string>();
  const add = (what: Oddity, path: string) => {
    const paths = found.get(what);
    if (paths === undefined) found.set(what, [path]);
    else paths.push(path);
  };

  const look = (path: string, shown: string, name: string, depth: number): Stats | undefined => {
    const stats = gone(() => lstatSync(path));
    if (stats === undefined) return undefined;
    lastChange = Math.max(lastChange, stats.ctimeMs);
    if (stats.ctimeMs > changedAfter) add('early', shown);
    if (depth === 0) return stats;
    files++;
    const key = lockKey(stats.dev, stats.ino);
    if (stats.isFile() && !(stats.nlink > 1 && counted.has(key))) {
      bytes += stats.size;
      if (stats.nlink > 1) counted.add(key);
    }
    if (depth > SESSION_STORAGE.depth) add('deeper', shown);
    if (Buffer.byteLength(name) > SESSION_STORAGE.nameBytes) add('longName', shown);
    if (stats.isSymbolicLink() && stats.size > SESSION_STORAGE.targetBytes) add('longTarget', shown);
    if (stats.isFile() && stats.nlink > 1) add('hardLink', shown);
    if (stats.isFIFO()) add('fifo', shown);
    if (stats.isSocket()) add('socket', shown);
    if (stats.isBlockDevice() || stats.isCharacterDevice()) add('device', shown);
    if (locked?.has(key)) add('locked', shown);
    return stats;
  };

  let sinceTurn = 0;
  // a list, not recursion: as deep as a session likes
  const open = directories.map((path) => ({ path, shown: '', depth: 0 }));
  for (const { path } of open) look(path, '.', '', 0);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { name } of gone<Dirent[]>(() => readdirSync(next.path, { withFileTypes: true })) ?? []) {
      const entry = { path: join(next.path, name), shown: next.shown === '' ? name : `${next.shown}/${name}`, depth: next.depth + 1 };
      if (look(entry.path, entry.shown, name, entry.depth)?.isDirectory()) open.push(entry);
      if (++sinceTurn % ENTRIES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { bytes, files, lastChange, found };
}

/** What a look at a path gives; undefined where it is gone, or cannot be looked at. */
function gone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
