import { createHash, Hash } from 'node:crypto';
import { ask, lineOf, TransferContext } from './ask';
import { show, TransferError } from './errors';
import { changed, readParts } from './layout';
import { localSource } from './local-tree';
import { partialPrefix } from './partial-name';
import { ALIGNMENT, cutPieces, inWindow, MAX_PIECE_BYTES } from './pieces';
import { TransferOptions, TransferProgress, TransferResult } from './progress';
import { parseRemotePath } from './remote-path';
import { planShipment, Segment, Shipment } from './segments';
import { TransferSession } from './session';
import {
  addSegmentScript, discardScript, emptyScript, partOf, pieceScript, placeFileScript, placeFolderScript, PlaceOptions, places, prefixScript,
  prepareScript, UploadPlace,
} from './upload-scripts';
import { COMMAND_LENGTH } from '../../service/command';
import { composeCommandLine } from '../../service/command-line';
import { Clock, SYSTEM_CLOCK } from '../clock';

/** How many pieces are on their way at a time. */
const WIDTH = 8;

/** What is kept free of a command's length, for what a session may add to it. */
const SPARE_CHARACTERS = 512;

export interface UploadOptions extends TransferOptions {
  readonly clock?: Clock;
}

/**
 * Copies a file or folder of this machine into a session, as `cp -r` would: into `remotePath` where that is a directory, else under that name.
 *
 * What is not complete lies under a hidden name beside the target; it gets its own name after its checksum was compared, so a
 * copy that is interrupted can be made again and goes on where it ended. Modes and symbolic links are kept, times and owners are not.
 * A folder that is there already keeps what the source does not have.
 *
 * @throws TransferError where it cannot be copied
 */
export async function upload(session: TransferSession, localPath: string, remotePath: string, options: UploadOptions = {}): Promise<TransferResult> {
  const { signal, onProgress, clock = SYSTEM_CLOCK } = options;
  const startedAt = clock.now();
  const remote = parseRemotePath(remotePath);
  const source = await localSource(localPath);
  if (remote.path === '/' && source.kind === 'file' && !remote.meansDirectory) throw new TransferError('kind', 'a file cannot be copied to /');
  onProgress?.({ phase: 'checking', bytes: 0, totalBytes: source.size, resumedBytes: 0 });
  const shipment = await planShipment(source, signal);
  const context: TransferContext = { session, signal, clock };
  const about = { path: remote.path };

  const where: PlaceOptions = { remote, name: source.name, key: shipment.key, prefixOf: partialPrefix };
  const prepared = await ask(context, prepareScript(where, source.kind), { ...about, doing: `prepare the copy to ${show(remote.path)}` });
  const place = places(where)[lineOf(prepared, 'at') === 'into' ? 'into' : 'as'];
  const delivery = new Delivery(context, place, shipment, lineOf(prepared, 'gzip') === 'yes', onProgress);
  try {
    const [index, length] = (lineOf(prepared, 'part') ?? '').split(' ').map(Number);
    if (!Number.isInteger(index) || !Number.isInteger(length)) throw new TransferError('failed', `the session answered ${show(prepared)} where the state of a copy was expected`);
    checkSpace(prepared, shipment, index, length, place.target);
    await delivery.from(index, length, source.kind);
  } catch (error) {
    // what fills the disk, or will never be completed, must not stay
    if (error instanceof TransferError && ['full', 'changed', 'kind'].includes(error.fault)) {
      await ask(context, discardScript(place), { path: place.target, doing: 'remove what was copied' }).catch((why) => {
        throw new TransferError(error.fault, `${error.message}; what had been copied could not be removed: ${(why as Error).message}`, error);
      });
    }
    throw error;
  }
  return {
    kind: source.kind,
    source: source.path,
    target: place.target,
    files: shipment.files,
    bytes: shipment.length,
    resumedBytes: delivery.resumed,
    ...(source.kind === 'file' ? { sha256: shipment.segments[0].sum } : {}),
    skipped: shipment.skipped,
    durationMillis: clock.now() - startedAt,
  };
}

/** The file system says how much it takes; not every one does, and a quota may be below it. */
function checkSpace(prepared: string, { segments }: Shipment, index: number, there: number, path: string): void {
  const available = /\s\d+\s+\d+\s+(\d+)\s+\d+%/.exec(lineOf(prepared, 'df') ?? '')?.[1];
  if (available === undefined) return;
  const needed = segments.slice(index).reduce((sum, { length }) => sum + length, 0) - there;
  const free = Number(available) * 1024;
  if (needed > free) throw new TransferError('full', `${show(path)} needs ${needed} bytes, and the disk of the session has ${free} left; make room there and copy again`);
}

/** Sends the segments of one shipment to one place. */
class Delivery {
  public resumed = 0;
  private done = 0;

  constructor(
    private readonly context: TransferContext,
    private readonly place: UploadPlace,
    private readonly shipment: Shipment,
    private readonly gzip: boolean,
    private readonly onProgress?: (progress: TransferProgress) => void,
  ) {}

  /** Goes on from a segment of which something may be there. */
  public async from(index: number, length: number, kind: 'file' | 'folder'): Promise<void> {
    const { segments } = this.shipment;
    this.done = segments.slice(0, index).reduce((sum, segment) => sum + segment.length, 0);
    this.resumed = this.done;
    for (let n = index; n < segments.length; n++) {
      await this.send(segments[n], n, n === index ? length : 0).catch((error) => {
        // another copy of the same content may have been faster; whether it was is seen when the file is put in its place
        if (kind !== 'file' || !(error instanceof TransferError) || error.fault !== 'gone') throw error;
      });
      await this.put(segments[n], n, kind);
    }
    if (kind === 'folder') await this.ask(placeFolderScript(this.place), 'put the folder in its place');
  }

  private async send(segment: Segment, index: number, there: number): Promise<void> {
    const part = partOf(this.place, index);
    const before = this.done;
    const { from, hash } = await this.resumable(segment, part, there);
    this.resumed += from;
    this.done += from;
    this.report('copying');
    const failed = new AbortController();
    const signal = this.context.signal === undefined ? failed.signal : AbortSignal.any([this.context.signal, failed.signal]);
    const pieces = cutPieces(hashed(readParts(segment.parts, from), hash), { from, capacity: capacityFor(part), gzip: this.gzip });
    await inWindow(pieces, WIDTH, async (piece) => {
      try {
        await ask({ ...this.context, signal }, pieceScript(part, piece), { path: this.place.target, doing: `write ${show(this.place.target)}` });
      } catch (error) {
        // the others need not go on; the first reason is the one that counts
        if (!failed.signal.aborted) failed.abort(error);
        throw error;
      }
      this.done += piece.length;
      this.report('copying');
    }).catch((error) => {
      this.context.signal?.throwIfAborted();
      throw failed.signal.aborted ? failed.signal.reason : error;
    });
    if (hash.digest('hex') !== segment.sum) throw changed(segment.kind === 'file' && 'file' in segment.parts[0] ? segment.parts[0].file : 'folder');
    this.done = before + segment.length;
  }

  /** How much of what is there can be kept: all but what may have holes, if its checksum is that of ours. */
  private async resumable(segment: Segment, part: string, there: number): Promise<{ readonly from: number; readonly hash: Hash }> {
    const whole = there - WIDTH * MAX_PIECE_BYTES;
    if (there > segment.length) await this.ask(emptyScript(part), 'start afresh');
    const from = there > segment.length ? 0 : Math.max(0, Math.floor(whole / ALIGNMENT) * ALIGNMENT);
    if (from > 0) {
      const hash = await hashOfBeginning(segment, from);
      if (lineOf(await this.ask(prefixScript(part, from), 'check what is there'), 'sum') === hash.copy().digest('hex')) return { from, hash };
      await this.ask(emptyScript(part), 'start afresh');
    }
    // what is there otherwise is written over: another copy of the same content may be at it
    return { from: 0, hash: createHash('sha256') };
  }

  private async put(segment: Segment, index: number, kind: 'file' | 'folder'): Promise<void> {
    this.report('placing');
    const { sum, mode, name } = segment;
    const { place } = this;
    if (kind === 'file') await this.ask(placeFileScript({ part: partOf(place, index), target: place.target, sum, mode }), 'put the file in its place');
    else await this.ask(addSegmentScript({ place, index, kind: segment.kind, sum, name, mode }), 'unpack what was copied');
  }

  private ask(text: string, doing: string): Promise<string> {
    return ask(this.context, text, { path: this.place.target, doing });
  }

  private report(phase: TransferProgress['phase']): void {
    this.onProgress?.({ phase, bytes: this.done, totalBytes: this.shipment.length, resumedBytes: this.resumed });
  }
}

async function hashOfBeginning({ parts }: Segment, length: number): Promise<Hash> {
  const hash = createHash('sha256');
  let left = length;
  for await (const bytes of readParts(parts)) {
    hash.update(bytes.subarray(0, left));
    left -= Math.min(left, bytes.length);
    if (left === 0) break;
  }
  return hash;
}

async function* hashed(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const bytes of source) {
    hash.update(bytes);
    yield bytes;
  }
}

/** How many characters of base64 a command for this part has room for. */
function capacityFor(part: string): number {
  const text = pieceScript(part, { offset: Number.MAX_SAFE_INTEGER - Number.MAX_SAFE_INTEGER % ALIGNMENT, base64: '', gzip: true });
  const composed = composeCommandLine({ command: text });
  const room = COMMAND_LENGTH.max - SPARE_CHARACTERS;
  // a path that makes the text travel encoded makes that of the piece longer too
  return composed.includes(text) ? room - composed.length : Math.floor(room / 4) * 3 - text.length - 128;
}
