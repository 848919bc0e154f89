import { gzipSync } from 'node:zlib';

/** A stretch of what is sent that fits into one command. */
export interface Piece {
  /** Where it belongs, in bytes; a multiple of `ALIGNMENT`. */
  readonly offset: number;
  /** Unpacked. */
  readonly length: number;
  readonly base64: string;
  readonly gzip: boolean;
}

/** Every piece begins at a multiple of this many bytes: `dd` finds its place by blocks. */
export const ALIGNMENT = 1024;

/** The most that a piece holds unpacked, in bytes; as much before the end may be missing where pieces overtake each other. */
export const MAX_PIECE_BYTES = 192 * ALIGNMENT;

/** How many pieces are sent as they are after one that did not get smaller. */
const SKIP_AFTER_FAILURE = 32;
const TRIES = 3;

export interface CutOptions {
  /** Where the first one belongs; a multiple of `ALIGNMENT`. */
  readonly from: number;
  /** How many characters of base64 a command has room for. */
  readonly capacity: number;
  /** Whether the session can unpack them. */
  readonly gzip: boolean;
}

/** Cuts bytes into pieces, each compressed where that makes fewer of them. */
export async function* cutPieces(source: AsyncIterable<Buffer>, { from, capacity, gzip }: CutOptions): AsyncGenerator<Piece> {
  const room = Math.floor(capacity / 4) * 3;
  const plain = align(room);
  const packer = new Packer(room, gzip);
  let waiting: Buffer[] = [];
  let size = 0;
  let offset = from;
  const take = () => {
    const all = Buffer.concat(waiting);
    const piece = packer.pack(all, plain);
    waiting = [all.subarray(piece.length)];
    size -= piece.length;
    offset += piece.length;
    return { ...piece, offset: offset - piece.length };
  };
  for await (const bytes of source) {
    waiting.push(bytes);
    size += bytes.length;
    while (size >= MAX_PIECE_BYTES) yield take();
  }
  while (size > 0) yield take();
}

class Packer {
  private skip = 0;

  constructor(private readonly room: number, private readonly gzip: boolean) {}

  /** The first piece of bytes, as long as a command can hold. */
  public pack(bytes: Buffer, plain: number): Omit<Piece, 'offset'> {
    const packed = this.gzip && bytes.length > plain && this.skip-- <= 0 ? this.compress(bytes, plain) : undefined;
    return packed ?? { length: Math.min(plain, bytes.length), base64: bytes.subarray(0, plain).toString('base64'), gzip: false };
  }

  private compress(bytes: Buffer, plain: number): Omit<Piece, 'offset'> | undefined {
    let length = Math.min(bytes.length, MAX_PIECE_BYTES);
    for (let attempt = 0; attempt < TRIES && length > plain; attempt++) {
      const packed = gzipSync(bytes.subarray(0, length), { level: 5 });
      if (packed.length <= this.room) return { length, base64: packed.toString('base64'), gzip: true };
      length = align(length * this.room / packed.length * 0.97);
    }
    this.skip = SKIP_AFTER_FAILURE;
    return undefined;
  }
}

function align(length: number): number {
  return Math.floor(length / ALIGNMENT) * ALIGNMENT;
}

/**
 * Does work on items in their order, several at a time, yet none further ahead than `width` of the oldest that is not done.
 * After a failure, nothing new is begun and what is under way is waited for.
 */
export async function inWindow<T>(items: AsyncIterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const underWay: Promise<void>[] = [];
  try {
    for await (const item of items) {
      const doing = work(item);
      // whoever waits is told; until then nobody does
      doing.catch(() => undefined);
      underWay.push(doing);
      if (underWay.length >= width) await underWay.shift();
    }
    while (underWay.length > 0) await underWay.shift();
  } finally {
    await Promise.allSettled(underWay);
  }
}
