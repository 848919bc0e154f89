import { createHash, Hash } from 'node:crypto';
import { FileHandle, open, rename, rm } from 'node:fs/promises';
import { ask, ATTEMPTS, lineOf, numberOf, PAUSES, TransferContext } from './ask';
import { beginningScript, describeScript, lookScript, readScript, SAMPLE_BYTES } from './download-scripts';
import { localError, remoteError, show, TransferError } from './errors';
import { freshDirectory, localPlace, LocalPlace, placeFolder, removeStale } from './local-place';
import { TransferOptions, TransferResult } from './progress';
import { receive } from './receive';
import { parseRemotePath } from './remote-path';
import { isUnknown, runListening, TransferSession } from './session';
import { OutsideLinks, unpack, Unpacked } from './unpack';
import { COMMAND_TIMEOUT_SECONDS } from '../../service/command';
import { COMMAND_STREAM_BYTES } from '../../service/quotas';
import { Clock, SYSTEM_CLOCK } from '../clock';

/** How many bytes one command sends: base64 takes a third more, and the stream's own frames some. */
const WINDOW_BYTES = Math.floor(COMMAND_STREAM_BYTES * 3 / 4 * 0.8);

/** Compressed where at least this share is saved. */
const WORTH_IT = 0.2;

export interface DownloadOptions extends TransferOptions {
  readonly clock?: Clock;
  /** @default refuse */
  readonly outsideLinks?: OutsideLinks;
}

interface Source {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly sum: string;
  readonly gzip: boolean;
}

/**
 * Copies a file or folder of a session to this machine, as `cp -r` would: into `localPath` where that is a directory, else under that name.
 *
 * What is not complete lies under a hidden name beside the target; it gets its own name after its checksum was compared, so a
 * copy that is interrupted can be made again and goes on where it ended. Modes and symbolic links are kept, times and owners are not.
 * A folder that is there already keeps what the source does not have. What the session sends is not trusted: nothing is
 * written outside of the target.
 *
 * @throws TransferError where it cannot be copied
 */
export async function download(
  session: TransferSession, remotePath: string, localPath: string, options: DownloadOptions = {},
): Promise<TransferResult> {
  const { signal, onProgress, clock = SYSTEM_CLOCK } = options;
  const startedAt = clock.now();
  const context: TransferContext = { session, signal, clock };
  const remote = parseRemotePath(remotePath);
  const about = { path: remote.path, doing: `read ${show(remote.path)}` };
  onProgress?.({ phase: 'checking', bytes: 0, totalBytes: 0, resumedBytes: 0 });
  const looked = await ask(context, lookScript(remote.path), about);
  const kind = lineOf(looked, 'kind') === 'file' ? 'file' : 'folder';
  if (kind === 'file' && remote.meansDirectory) throw new TransferError('kind', `${show(remote.path)} in the session is not a directory`);
  const place = await localPlace(localPath, /\/\.$/.test(remotePath) ? '' : remote.name, kind);
  const source = await describe(context, remote.path, kind);

  const key = source.sum.slice(0, 16);
  const part = `${place.prefix}${key}.part`;
  const reading = new Reading(context, source, options);
  try {
    await removeStale(place, key);
    const file = await open(part, 'a+').then((opened) => opened.close()).then(() => open(part, 'r+'));
    let unpacked: Unpacked | undefined;
    try {
      await reading.read(file);
      const after = await describe(context, remote.path, kind);
      if (after.sum !== source.sum || after.size !== source.size) throw changed(remote.path);
      if (reading.sum !== source.sum) throw new TransferError('damaged', `what arrived of ${show(remote.path)} has another checksum than what was sent, and was removed; copy again`);
      onProgress?.({ phase: 'placing', bytes: source.size, totalBytes: source.size, resumedBytes: reading.resumed });
      if (kind === 'file') await placeFile(file, part, place, modeOf(lineOf(looked, 'mode') ?? ''));
      else unpacked = await placeArchive(file, place, key, source.size, options);
    } finally {
      await file.close();
    }
    if (kind === 'folder') await rm(part);
    return {
      kind,
      source: remote.path,
      target: place.target,
      files: unpacked?.files ?? 1,
      bytes: source.size,
      resumedBytes: reading.resumed,
      ...(kind === 'file' ? { sha256: source.sum } : {}),
      skipped: unpacked?.skipped ?? [],
      durationMillis: clock.now() - startedAt,
    };
  } catch (error) {
    const told = localError(error, part);
    // what fills the disk, or will never be completed, must not stay
    if (told instanceof TransferError && ['full', 'changed', 'damaged', 'hostile', 'missing'].includes(told.fault)) await rm(part, { force: true });
    throw told;
  }
}

async function describe(context: TransferContext, path: string, kind: 'file' | 'folder'): Promise<Source> {
  const answer = await ask(context, describeScript(path, kind), { path, doing: `take the checksum of ${show(path)}` });
  const sum = lineOf(answer, 'sum') ?? '';
  if (!/^[0-9a-f]{64}$/.test(sum)) throw new TransferError('failed', `the session answered ${show(answer)} where a checksum was expected`);
  const size = numberOf(answer, 'size');
  const sample = lineOf(answer, 'sample');
  return { path, kind, size, sum, gzip: sample !== undefined && Number(sample) < Math.min(size, SAMPLE_BYTES) * (1 - WORTH_IT) };
}

/** Reads a source into a file, from where an earlier try has ended. */
class Reading {
  public resumed = 0;
  public sum = '';

  constructor(
    private readonly context: TransferContext,
    private readonly source: Source,
    private readonly options: DownloadOptions,
  ) {}

  public async read(file: FileHandle): Promise<void> {
    const { signal, clock = SYSTEM_CLOCK, onProgress } = this.options;
    const { path, kind, size, gzip } = this.source;
    const { length, hash } = await this.resumable(file);
    this.resumed = length;
    const receiver = {
      file,
      hash,
      position: length,
      onBytes: () => onProgress?.({ phase: 'copying', bytes: receiver.position, totalBytes: size, resumedBytes: length }),
    };
    for (let failures = 0; receiver.position < size;) {
      const before = receiver.position;
      try {
        const window = { from: before, length: Math.min(WINDOW_BYTES, size - before), gzip };
        await receive(receiver, gzip, (onStdout) => this.run(readScript(path, kind, window), onStdout));
        // it has become shorter; what there is now is told by its checksum
        if (receiver.position === before) break;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isUnknown(error)) throw error;
        failures = receiver.position > before ? 0 : failures + 1;
        if (failures >= ATTEMPTS) throw error;
        await clock.sleep(Math.min(PAUSES.firstPauseMillis * 2 ** failures, PAUSES.longestPauseMillis), signal);
      }
    }
    this.sum = hash.digest('hex');
  }

  private async run(text: string, onStdout: (text: string) => Promise<void>): Promise<void> {
    const { session, signal } = this.context;
    const limits = { timeoutSeconds: COMMAND_TIMEOUT_SECONDS.max, maxBufferBytes: 4_096 };
    const { exitCode, stderr } = await runListening(session, text, { ...limits, signal, onStdout });
    if (exitCode !== 0) throw remoteError(`read ${show(this.source.path)}`, exitCode, stderr);
  }

  /** How much of what is there can be kept, and the hash of it. */
  private async resumable(file: FileHandle): Promise<{ readonly length: number; readonly hash: Hash }> {
    const { path, kind, size } = this.source;
    const { size: length } = await file.stat();
    if (length > 0 && length <= size) {
      const hash = await hashOf(file, length);
      const answer = await ask(this.context, beginningScript(path, kind, length), { path, doing: 'check what is there' });
      if (lineOf(answer, 'sum') === hash.copy().digest('hex')) return { length, hash };
    }
    await file.truncate(0);
    return { length: 0, hash: createHash('sha256') };
  }
}

async function hashOf(file: FileHandle, length: number): Promise<Hash> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let position = 0; position < length;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - position), position);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash;
}

async function placeFile(file: FileHandle, part: string, { target }: LocalPlace, mode: number): Promise<void> {
  await file.chmod(mode);
  await file.sync();
  await rename(part, target);
}

async function placeArchive(
  file: FileHandle, { target, prefix }: LocalPlace, key: string, size: number, { outsideLinks = 'refuse', signal }: DownloadOptions,
): Promise<Unpacked> {
  const tree = `${prefix}${key}.tree`;
  await freshDirectory(tree);
  try {
    const unpacked = await unpack(file, size, tree, outsideLinks, signal);
    await placeFolder(tree, target);
    return unpacked;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** The permissions in what `ls -l` writes first, as in `-rwxr-x---`. */
export function modeOf(text: string): number {
  const bits = /^.([r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-])/.exec(text)?.[1];
  if (bits === undefined) throw new TransferError('failed', `the session answered ${show(text)} where permissions like -rwxr-xr-x were expected`);
  return [...bits].reduce((mode, bit) => mode * 2 + (/[rwxst]/.test(bit) ? 1 : 0), 0);
}

function changed(path: string): TransferError {
  return new TransferError('changed', `${show(path)} changed in the session while it was copied; nothing was put in its place: copy again once it stays the same`);
}
