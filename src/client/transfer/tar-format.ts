import { TransferError } from './errors';

/** The unit of which tar archives are made, in bytes. */
export const BLOCK = 512;

/** What stands in an archive; `link` is a symbolic link, `hardlink` another name of a file that came before. */
export type TarType = 'file' | 'directory' | 'link' | 'hardlink' | 'special';

export interface TarHeader {
  readonly name: string;
  readonly type: TarType;
  readonly mode: number;
  readonly size: number;
  /** Of links. */
  readonly target?: string;
}

const FLAGS: Readonly<Record<string, string>> = { file: '0', hardlink: '1', link: '2', directory: '5' };
/** The numbers of a header that eleven octal digits can hold. */
const MAX_OCTAL = 8 ** 11;
const MAX_NAME_BYTES = 100;

/**
 * The header of an entry in GNU's format, which GNU tar, bsdtar and busybox all read; long names come before it as entries of
 * their own. Owner and times are none: equal files make equal archives.
 */
export function encodeHeader({ name, type, mode, size, target }: TarHeader): Buffer {
  return Buffer.concat([
    ...longName('L', name),
    ...longName('K', target ?? ''),
    block(name, FLAGS[type], mode, size, target),
  ]);
}

function longName(flag: string, name: string): Buffer[] {
  const bytes = Buffer.from(`${name}\0`);
  if (bytes.length <= MAX_NAME_BYTES) return [];
  return [block('././@LongLink', flag, 0, bytes.length), bytes, padding(bytes.length)];
}

function block(name: string, flag: string, mode: number, size: number, target = ''): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) => header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  Buffer.from(name).copy(header, 0, 0, MAX_NAME_BYTES);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size < MAX_OCTAL) {
    octal(size, 124, 11);
  } else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(0, 136, 11);
  header.write(flag, 156, 'latin1');
  Buffer.from(target).copy(header, 157, 0, MAX_NAME_BYTES);
  header.write('ustar  \0', 257, 'latin1');
  octal(sumOfHeader(header), 148, 6);
  header[154] = 0;
  header[155] = 0x20;
  return header;
}

/** What fills the last block of so many bytes. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - size % BLOCK) % BLOCK);
}

/** The end of an archive. */
export const TRAILER = Buffer.alloc(2 * BLOCK);

/** Sum of the bytes, the sum's own field read as spaces. */
function sumOfHeader(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i];
  return sum;
}

/** What one block says, before the entries for long names have been applied. */
export interface RawHeader {
  readonly flag: string;
  readonly name: Buffer;
  readonly target: Buffer;
  readonly mode: number;
  readonly size: number;
}

/** @returns undefined for a block of zeros, the end of an archive */
export function decodeBlock(header: Buffer): RawHeader | undefined {
  if (header.length < BLOCK) throw notTar('it ends in the middle of a header');
  if (header.every((byte) => byte === 0)) return undefined;
  if (numberAt(header, 148, 8) !== sumOfHeader(header)) throw notTar('the checksum of a header is wrong');
  const text = (at: number, length: number) => {
    const field = header.subarray(at, at + length);
    const end = field.indexOf(0);
    return end < 0 ? field : field.subarray(0, end);
  };
  // only POSIX's own format splits long names in two; GNU's has other things there
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(345, 155) : Buffer.alloc(0);
  const name = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), text(0, 100)]) : text(0, 100);
  return {
    flag: String.fromCharCode(header[156] || 0x30),
    name,
    target: text(157, 100),
    mode: numberAt(header, 100, 8),
    size: numberAt(header, 124, 12),
  };
}

/** Octal digits, or, with the highest bit set, a binary number. */
function numberAt(header: Buffer, at: number, length: number): number {
  if (header[at] === 0x80) {
    const value = header.readBigUInt64BE(at + length - 8);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw notTar('a number in a header is too large');
    return Number(value);
  }
  const digits = header.toString('latin1', at, at + length).replace(/[\0 ]+$/, '').trim();
  if (!/^[0-7]*$/.test(digits)) throw notTar(`a header has ${JSON.stringify(digits)} where a number is expected`);
  return digits === '' ? 0 : parseInt(digits, 8);
}

export function notTar(why: string): TransferError {
  return new TransferError('hostile', `what came from the session is no archive that can be unpacked: ${why}`);
}
