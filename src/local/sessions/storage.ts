import { createHash } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SessionKey, VersionSpec } from './contract';
import { Mount } from './driver';
import { removeTree } from './remove-tree';
import { storageResetReason } from '../../service/storage-retention';

/** What stands beside a session's files. */
interface Metadata {
  readonly key: SessionKey;
  readonly version: string;
  readonly mountPaths: readonly string[];
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}

const METADATA = 'metadata.json';

/** How exactly it is noted when storage was last used while its session runs: each note costs about as much as a command. */
const USE_MILLISECONDS = 60_000;

/** What stands beside a session's files cannot be read. */
class DamagedNoteError extends Error {}

/** A name for a session that is safe as a file name and that no other session has. */
export function digestOf(key: SessionKey): string {
  return createHash('sha256').update(JSON.stringify([key.runtimeId, key.endpointName, key.sessionId])).digest('hex').slice(0, 32);
}

/** The session storage of all sessions: one directory each, with the files of each mount and a note on their use. */
export class SessionStorageStore {
  private readonly directory: string;

  /** @param now milliseconds since the epoch */
  constructor(stateDir: string, private readonly now: () => number) {
    this.directory = join(stateDir, 'storage');
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.directory)) clearInterrupted(join(this.directory, name));
  }

  /** The mounts of a session that starts on a version: with the files of last time, unless the version or the time has reset them. */
  public open(key: SessionKey, version: VersionSpec): Mount[] {
    const home = this.homeOf(key);
    const last = this.read(home);
    if (last !== undefined && storageResetReason(last, version.version, this.now()) !== undefined) removeTree(join(home, 'mounts'));
    const mounts = version.storageMounts.map((mountPath) => ({ mountPath, hostPath: join(home, 'mounts', basename(mountPath)) }));
    mkdirSync(home, { recursive: true });
    this.write(home, { key, version: version.version, mountPaths: version.storageMounts, lastUsed: this.now() });
    for (const { hostPath } of mounts) {
      mkdirSync(hostPath, { recursive: true });
      // the service's mount can be written to by any user inside
      chmodSync(hostPath, 0o777);
    }
    return mounts;
  }

  /** Notes that a session is in use now, to the minute. */
  public touch(key: SessionKey): void {
    const home = this.homeOf(key);
    const last = this.read(home);
    if (last !== undefined && this.now() - last.lastUsed >= USE_MILLISECONDS) this.write(home, { ...last, lastUsed: this.now() });
  }

  /** Notes exactly when a session was last used that has ended. */
  public settle(key: SessionKey, lastUsed: number): void {
    const home = this.homeOf(key);
    const last = this.read(home);
    if (last !== undefined && lastUsed > last.lastUsed) this.write(home, { ...last, lastUsed });
  }

  /** Removes the storage that nobody has used for too long. */
  public expire(isRunning: (digest: string) => boolean): void {
    for (const [home, last] of this.noted()) {
      if (!isRunning(basename(home)) && storageResetReason(last, last.version, this.now()) !== undefined) removeTree(home);
    }
  }

  /** Removes the storage of a runtime, or of one of its endpoints. */
  public forget(runtimeId: string, endpointName?: string): void {
    for (const [home, { key }] of this.noted()) {
      if (key.runtimeId === runtimeId && (endpointName === undefined || key.endpointName === endpointName)) removeTree(home);
    }
  }

  /** All storage; without that whose note is damaged, which holds up nothing but its own session. */
  private noted(): (readonly [home: string, note: Metadata])[] {
    return readdirSync(this.directory).flatMap((name) => {
      const home = join(this.directory, name);
      try {
        const note = this.read(home);
        return note === undefined ? [] : [[home, note] as const];
      } catch (error) {
        if (error instanceof DamagedNoteError) return [];
        throw error;
      }
    });
  }

  private homeOf(key: SessionKey): string {
    return join(this.directory, digestOf(key));
  }

  private read(home: string): Metadata | undefined {
    const file = join(home, METADATA);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as Metadata;
    } catch (error) {
      throw new DamagedNoteError(`session storage has a damaged ${file}: ${(error as Error).message}; remove ${home} to start with empty storage`);
    }
  }

  private write(home: string, metadata: Metadata): void {
    const file = join(home, METADATA);
    const note = openSync(`${file}.new`, 'w');
    try {
      writeFileSync(note, JSON.stringify(metadata));
      // where power fails after the renaming, the note must not be an empty one
      fsyncSync(note);
    } finally {
      closeSync(note);
    }
    renameSync(`${file}.new`, file);
  }
}

/** Removes what a server that was killed just then has half written or half removed: storage without a note is nobody's. */
function clearInterrupted(home: string): void {
  rmSync(join(home, `${METADATA}.new`), { force: true });
  if (!existsSync(join(home, METADATA))) removeTree(home);
}
