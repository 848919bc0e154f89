import { StringDecoder } from 'node:string_decoder';

export type OutputStream = 'stdout' | 'stderr';

export interface OutputPiece {
  readonly stream: OutputStream;
  readonly bytes: Buffer;
}

/** A part of an output as it is shown. */
export interface OutputText {
  readonly stream: OutputStream;
  readonly text: string;
}

/** How much of an output is kept: its beginning and its end, in bytes. */
export interface OutputLimits {
  readonly head: number;
  readonly tail: number;
}

export const OUTPUT_LIMITS: OutputLimits = { head: 16 * 1024, tail: 64 * 1024 };

/** Pieces of the end that are kept after a tidying, where neighbours are put together; there is one at twice as many. */
const MAX_PIECES = 1_024;

/** The beginning and the end of what a command prints, in limited memory; what passes through is neither copied nor decoded. */
export class RecordedOutput {
  /** All that was printed, in bytes. */
  public total = 0;
  private readonly headPieces: OutputPiece[] = [];
  private headBytes = 0;
  private tailPieces: OutputPiece[] = [];
  private tailBytes = 0;

  constructor(private readonly limits: OutputLimits = OUTPUT_LIMITS) {}

  /** How much of the middle is not kept, in bytes. */
  public get omitted(): number {
    return this.total - this.headBytes - this.tailBytes;
  }

  public get kept(): number {
    return this.headBytes + this.tailBytes;
  }

  public append(stream: OutputStream, bytes: Buffer): void {
    this.total += bytes.length;
    const room = this.limits.head - this.headBytes;
    // once anything has gone to the end, the beginning is closed
    const first = this.tailBytes === 0 ? bytes.subarray(0, room) : bytes.subarray(0, 0);
    if (first.length > 0) this.headPieces.push({ stream, bytes: first });
    this.headBytes += first.length;
    if (first.length < bytes.length) this.appendToTail({ stream, bytes: bytes.subarray(first.length) });
  }

  /** The beginning, and the end where anything lies between the two. */
  public read(): { readonly head: OutputText[]; readonly tail: OutputText[] } {
    if (this.omitted === 0) return { head: decoded([...this.headPieces, ...this.tailPieces]), tail: [] };
    return { head: decoded(this.headPieces), tail: decoded(this.tailPieces) };
  }

  private appendToTail(piece: OutputPiece): void {
    this.tailPieces.push(piece);
    this.tailBytes += piece.bytes.length;
    if (this.tailPieces.length > 2 * MAX_PIECES) {
      this.tailPieces = merged(this.tailPieces);
      while (this.tailPieces.length > MAX_PIECES) this.dropFirst();
    }
    while (this.tailPieces.length > 1 && this.tailBytes - this.tailPieces[0].bytes.length >= this.limits.tail) this.dropFirst();
  }

  private dropFirst(): void {
    this.tailBytes -= this.tailPieces.shift()!.bytes.length;
  }
}

/** Pieces as text: characters may be spread over pieces of one stream, and neighbours of one stream become one. */
export function decoded(pieces: readonly OutputPiece[]): OutputText[] {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  return merged(pieces).map(({ stream, bytes }) => ({ stream, text: decoders[stream].write(bytes) })).filter(({ text }) => text !== '');
}

function merged(pieces: readonly OutputPiece[]): OutputPiece[] {
  const runs: { stream: OutputStream; parts: Buffer[] }[] = [];
  for (const { stream, bytes } of pieces) {
    const last = runs[runs.length - 1];
    if (last?.stream === stream) last.parts.push(bytes);
    else runs.push({ stream, parts: [bytes] });
  }
  return runs.map(({ stream, parts }) => ({ stream, bytes: parts.length === 1 ? parts[0] : Buffer.concat(parts) }));
}
