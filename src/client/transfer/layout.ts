import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { localError, show, TransferError } from './errors';

/** A stretch of what is sent: bytes that are at hand, or a file as long as it was when it was looked at. */
export type Part =
  | { readonly bytes: Buffer }
  | { readonly file: string; readonly length: number };

const READ_BYTES = 256 * 1024;

/** How many bytes the parts have in all. */
export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + partLength(part), 0);
}

function partLength(part: Part): number {
  return 'bytes' in part ? part.bytes.length : part.length;
}

/**
 * The bytes of parts from a position on.
 *
 * @throws TransferError where a file is shorter or longer than it was
 */
export async function* readParts(parts: readonly Part[], from = 0): AsyncGenerator<Buffer> {
  let skip = from;
  for (const part of parts) {
    const length = partLength(part);
    if (skip >= length && length > 0) {
      skip -= length;
      continue;
    }
    if ('bytes' in part) yield part.bytes.subarray(skip);
    else yield* readFile(part.file, part.length, skip);
    skip = 0;
  }
}

async function* readFile(path: string, length: number, from: number): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error) => { throw localError(error, path); });
  try {
    for (let position = from; position < length;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(READ_BYTES, length - position)), 0, undefined, position);
      if (bytesRead === 0) throw changed(path);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if ((await file.stat()).size !== length) throw changed(path);
  } finally {
    await file.close();
  }
}

export function changed(path: string): TransferError {
  return new TransferError('changed', `local ${show(path)} changed while it was copied; nothing was put in its place: copy again once it stays the same`);
}

/** The SHA-256 of parts. */
export async function sumOf(parts: readonly Part[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of readParts(parts)) {
    signal?.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest('hex');
}
