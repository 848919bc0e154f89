import { Hash } from 'node:crypto';
import { FileHandle } from 'node:fs/promises';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';

/** What arrives is written here, and counted. */
export interface Receiver {
  readonly file: FileHandle;
  readonly hash: Hash;
  /** Where the next byte belongs. */
  position: number;
  onBytes(): void;
}

/**
 * Writes the output of one command, bytes in base64, to a file while it comes; the command waits where the disk does. What arrived
 * before a connection broke counts too.
 *
 * @param run gets what is to be called with each piece of text
 */
export async function receive(receiver: Receiver, gzip: boolean, run: (onStdout: (text: string) => Promise<void>) => Promise<void>): Promise<void> {
  const input = new PassThrough({ highWaterMark: 1024 * 1024 });
  const decoder = new Base64Decoder();
  const writing = pipeline([
    input,
    // where the connection breaks there is no end to wait for
    ...(gzip ? [createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 })] : []),
    new Writable({ write: (bytes: Buffer, _, done) => { write(receiver, bytes).then(() => done(), done); } }),
  ]);
  let failure: unknown;
  writing.catch((error) => { failure ??= error; });
  const onStdout = async (text: string) => {
    if (failure !== undefined) throw failure;
    const bytes = decoder.take(text);
    if (input.write(bytes)) return;
    await Promise.race([new Promise((resolve) => input.once('drain', resolve)), writing]);
  };
  try {
    await run(onStdout);
  } finally {
    input.end();
    await writing;
  }
}

async function write(receiver: Receiver, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await receiver.file.write(bytes, written, bytes.length - written, receiver.position);
    receiver.hash.update(bytes.subarray(written, written + bytesWritten));
    written += bytesWritten;
    receiver.position += bytesWritten;
  }
  receiver.onBytes();
}

/** Base64 that comes in pieces, with line ends anywhere. */
export class Base64Decoder {
  private rest = '';

  public take(text: string): Buffer {
    const all = this.rest + (/\s/.test(text) ? text.replace(/\s+/g, '') : text);
    const whole = all.length - all.length % 4;
    this.rest = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }
}
