/** What kept a transfer from its end. */
export type TransferFault =
  /** What is to be copied, or the directory to copy into, is not there. */
  | 'missing'
  /** It is there, yet of a kind that cannot be copied or replaced. */
  | 'kind'
  | 'denied'
  | 'full'
  /** The image of the session lacks programs. */
  | 'tools'
  /** The source changed while it was copied. */
  | 'changed'
  /** The checksums differ although the source did not change. */
  | 'damaged'
  /** What had been copied so far is not there any more. */
  | 'gone'
  /** An archive that would write or link outside of its folder, or is none. */
  | 'hostile'
  | 'failed';

/** A transfer that did not get to its end; nothing half-written lies under the final name. */
export class TransferError extends Error {
  public readonly name = 'TransferError';

  constructor(public readonly fault: TransferFault, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

const LOCAL: Readonly<Record<string, readonly [TransferFault, string]>> = {
  ENOENT: ['missing', 'is not there'],
  ENOTDIR: ['missing', 'has a file where a directory is expected'],
  EACCES: ['denied', 'may not be read or written by you'],
  EPERM: ['denied', 'may not be read or written by you'],
  EROFS: ['denied', 'is on a file system that is read-only'],
  ENOSPC: ['full', 'is on a disk that is full; make room and copy again'],
  EDQUOT: ['full', 'is on a disk whose quota is used up; make room and copy again'],
  ENAMETOOLONG: ['kind', 'has a name that is too long for this file system'],
};

/** An error of this machine's file system in the words of a transfer; others as they are. */
export function localError(error: unknown, path: string): unknown {
  const [fault, words] = LOCAL[(error as NodeJS.ErrnoException).code ?? ''] ?? [];
  return fault === undefined ? error : new TransferError(fault, `local ${show((error as NodeJS.ErrnoException).path ?? path)} ${words}`, error);
}

const REMOTE: readonly (readonly [RegExp, TransferFault, string])[] = [
  [/No space left|Disk quota exceeded|disk full|write error: File too large/i, 'full', 'the disk of the session is full; session storage holds 1 GB: make room there and copy again'],
  [/Permission denied|Operation not permitted|Read-only file system|cannot create /i, 'denied', 'the session may not do that'],
  [/changed as we read it|removed before we read it|shrank by|short read/i, 'changed', 'it changed meanwhile; copy again once it stays the same'],
  [/File name too long/i, 'kind', 'a name is too long for the file system of the session'],
];

/** What a script that failed says of the reason. */
export function remoteError(doing: string, exitCode: number | undefined, stderr: string): TransferError {
  const said = stderr.split('\n').filter((line) => line.trim() && !/^[\d+]+ records (in|out)$|bytes.* copied/.test(line)).slice(0, 3).join('; ').slice(0, 400);
  const [, fault, words] = REMOTE.find(([pattern]) => pattern.test(stderr)) ?? [undefined, 'failed' as const, undefined];
  const how = exitCode === undefined || exitCode < 0 ? 'was ended by the platform, after its time-out or with its session' : `ended with exit code ${exitCode}`;
  return new TransferError(fault, `could not ${doing}: ${words === undefined ? `the command ${how}` : words}${said ? ` (${said})` : ''}`);
}

/** A name or path as a person can read it, whatever characters it has. */
export function show(path: string): string {
  return JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}...` : path);
}
