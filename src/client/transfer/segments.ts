import { createHash } from 'node:crypto';
import { lengthOf, Part, sumOf } from './layout';
import { LocalSource, readLocalTree, TreeEntry } from './local-tree';
import { encodeHeader, padding, TRAILER } from './tar-format';

/** A file that is sent by itself, or an archive of many small ones. */
export interface Segment {
  readonly kind: 'file' | 'archive';
  readonly parts: readonly Part[];
  readonly length: number;
  /** SHA-256 in hexadecimal digits. */
  readonly sum: string;
  /** Of a file: where in the folder it belongs; empty where it is all that is copied. */
  readonly name: string;
  readonly mode: number;
}

/** All that is sent for one source. */
export interface Shipment {
  readonly segments: readonly Segment[];
  /** Tells this content from every other one. */
  readonly key: string;
  readonly files: number;
  /** Of all segments. */
  readonly length: number;
  readonly skipped: readonly string[];
}

/**
 * How large an archive gets, and from which size on a file goes by itself, in bytes: an archive needs its space twice
 * while it is unpacked, and session storage is small.
 */
const ARCHIVE_BYTES = 32 * 1024 * 1024;
const LARGE_FILE_BYTES = 16 * 1024 * 1024;

/** Reads all of a source once, for its checksums. */
export async function planShipment(source: LocalSource, signal?: AbortSignal): Promise<Shipment> {
  const { segments: planned, files, skipped } = source.kind === 'file' ? planFile(source) : await planFolder(source.path);
  const segments: Segment[] = [];
  for (const segment of planned) segments.push({ ...segment, length: lengthOf(segment.parts), sum: await sumOf(segment.parts, signal) });
  const key = createHash('sha256')
    .update(JSON.stringify([source.kind, ...segments.map(({ kind, sum, name, mode, length }) => [kind, sum, name, mode, length])]))
    .digest('hex').slice(0, 16);
  return { segments, key, files, skipped, length: segments.reduce((sum, { length }) => sum + length, 0) };
}

type Planned = Omit<Segment, 'length' | 'sum'>;

interface Plan {
  readonly segments: readonly Planned[];
  readonly files: number;
  readonly skipped: readonly string[];
}

function planFile({ path, mode, size }: LocalSource): Plan {
  return { segments: [{ kind: 'file', parts: [{ file: path, length: size }], name: '', mode }], files: 1, skipped: [] };
}

async function planFolder(path: string): Promise<Plan> {
  const { entries, skipped } = await readLocalTree(path);
  const large = entries.filter(isLarge);
  return {
    // directories are made by the archives, before files are put into them
    segments: [
      ...archivesOf(entries.filter((entry) => !isLarge(entry))),
      ...large.map(({ name, mode, size, path: file }) => ({ kind: 'file' as const, parts: [{ file, length: size }], name, mode })),
    ],
    files: entries.filter(({ type }) => type === 'file').length,
    skipped,
  };
}

function isLarge({ type, size }: TreeEntry): boolean {
  return type === 'file' && size >= LARGE_FILE_BYTES;
}

function archivesOf(entries: readonly TreeEntry[]): Planned[] {
  const archives: Part[][] = [[]];
  let length = 0;
  for (const entry of entries) {
    if (length >= ARCHIVE_BYTES) {
      archives.push([]);
      length = 0;
    }
    const parts = partsOf(entry);
    archives.at(-1)!.push(...parts);
    length += lengthOf(parts);
  }
  return archives.map((parts) => ({ kind: 'archive', parts: [...parts, { bytes: TRAILER }], name: '', mode: 0 }));
}

function partsOf({ name, type, mode, size, target, path }: TreeEntry): Part[] {
  // `./` keeps tar from taking a name for an option or for a path from `/`
  // into a directory that its owner may not change, nothing could be unpacked
  const header = encodeHeader({
    name: `./${name}${type === 'directory' && name !== '' ? '/' : ''}`, type, size, target, mode: type === 'directory' ? 0o700 + mode % 0o100 : mode,
  });
  if (type !== 'file' || size === 0) return [{ bytes: header }];
  return [{ bytes: header }, { file: path, length: size }, { bytes: padding(size) }];
}
