import { FileHandle } from 'node:fs/promises';
import { BLOCK, decodeBlock, notTar, RawHeader, TarHeader, TarType } from './tar-format';

/** An entry of an archive, and where in the archive its content stands. */
export interface TarEntry extends TarHeader {
  readonly position: number;
}

/** The most that a long name, or the records that stand for one, may have. */
const MAX_META_BYTES = 1024 * 1024;

const TYPES: Readonly<Record<string, TarType>> = { 0: 'file', 7: 'file', 1: 'hardlink', 2: 'link', 5: 'directory', 3: 'special', 4: 'special', 6: 'special' };

/**
 * The entries of an archive in GNU's or POSIX's format.
 *
 * @throws TransferError where it is none, breaks off, or has names that are not UTF-8
 */
export async function* readTar(archive: FileHandle, length: number): AsyncGenerator<TarEntry> {
  let meta: Meta = {};
  let globals: Meta = {};
  for (let position = 0; position < length;) {
    const header = decodeBlock(await readAt(archive, position, BLOCK));
    if (header === undefined) return;
    position += BLOCK;
    const records = header.flag === 'x' ? await pax(archive, header, position) : undefined;
    const size = 'LKxg'.includes(header.flag) ? header.size : meta.size ?? globals.size ?? header.size;
    const next = position + Math.ceil(size / BLOCK) * BLOCK;
    if (position + size > length) throw notTar('it breaks off in the middle of a file');
    if (header.flag === 'L') {
      meta = { ...meta, name: withoutNull(await metaAt(archive, header, position)) };
    } else if (header.flag === 'K') {
      meta = { ...meta, target: withoutNull(await metaAt(archive, header, position)) };
    } else if (records !== undefined) {
      meta = { ...meta, ...records };
    } else if (header.flag === 'g') {
      globals = { ...globals, ...await pax(archive, header, position) };
    } else {
      const type = TYPES[header.flag];
      if (type === undefined) throw notTar(`an entry has the unknown type ${JSON.stringify(header.flag)}`);
      const merged = { ...globals, ...meta };
      meta = {};
      const name = textOf(merged.name ?? header.name);
      const slash = type === 'file' && name.endsWith('/');
      yield {
        name, type: slash ? 'directory' : type, mode: header.mode % 0o1000, size, position, target: textOf(merged.target ?? header.target),
      };
    }
    position = next;
  }
  throw notTar('it has no end');
}

interface Meta {
  readonly name?: Buffer;
  readonly target?: Buffer;
  readonly size?: number;
}

async function pax(archive: FileHandle, header: RawHeader, position: number): Promise<Meta> {
  const bytes = await metaAt(archive, header, position);
  const values: Record<string, Buffer> = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const size = Number(bytes.toString('latin1', at, space));
    const equals = bytes.indexOf(0x3d, space);
    // the length counts itself, the space, name, equals sign, value and line feed
    if (space < 0 || !Number.isInteger(size) || size < 5 || at + size > bytes.length || equals < 0 || equals >= at + size) throw notTar('an extended header cannot be read');
    values[bytes.toString('utf8', space + 1, equals)] = bytes.subarray(equals + 1, at + size - 1);
    at += size;
  }
  const size = values.size === undefined ? undefined : Number(values.size.toString());
  if (size !== undefined && (!Number.isSafeInteger(size) || size < 0)) throw notTar('an extended header has a size that is none');
  return {
    ...(values.path === undefined ? {} : { name: values.path }),
    ...(values.linkpath === undefined ? {} : { target: values.linkpath }),
    ...(size === undefined ? {} : { size }),
  };
}

async function metaAt(archive: FileHandle, { size }: RawHeader, position: number): Promise<Buffer> {
  if (size > MAX_META_BYTES) throw notTar(`a name has ${size} bytes`);
  return readAt(archive, position, size);
}

async function readAt(archive: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await archive.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw notTar('it breaks off');
  return buffer;
}

function withoutNull(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notTar(`the name ${JSON.stringify(bytes.toString('latin1').slice(0, 200))} is not UTF-8; rename it in the session`);
  }
}
