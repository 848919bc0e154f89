import { createHash } from 'node:crypto';
import { RecordStore } from './record-store';
import { LIFECYCLE_SECONDS } from '../../service/lifecycle';
import { STORAGE_RETENTION_DAYS } from '../../service/storage-retention';

/** What tells a session from every other one. */
export interface SessionPlace {
  readonly runtimeArn: string;
  readonly qualifier: string;
  readonly sessionId: string;
  /** Of a local AgentCore. */
  readonly endpoint?: string;
}

/** A session that was used from this machine. */
export interface KnownSession extends SessionPlace {
  /** Milliseconds since the epoch. */
  readonly firstUsed: number;
  readonly lastUsed: number;
  /** When it was stopped from here, if nothing was done in it since. */
  readonly stopped?: number;
}

/**
 * What is likely true of a session, judged by when it was last used from here: whoever else uses it is not known.
 *
 * - `recent`: it may still run
 * - `stopped`: from here; its session storage is kept
 * - `idle`: its machine has ended if its idle time-out is not longer than usual; its session storage is kept
 * - `stale`: its session storage is emptied
 */
export type SessionState = 'recent' | 'stopped' | 'idle' | 'stale';

const DAY_MILLIS = 86_400_000;

export function stateOf({ lastUsed, stopped }: KnownSession, now: number): SessionState {
  if (now - lastUsed > STORAGE_RETENTION_DAYS * DAY_MILLIS) return 'stale';
  if (stopped !== undefined) return 'stopped';
  return now - lastUsed > LIFECYCLE_SECONDS.defaultIdle * 1_000 ? 'idle' : 'recent';
}

/** The sessions that this machine knows; only what a person has named is kept, no commands and no output. */
export class KnownSessions {
  constructor(private readonly store = new RecordStore<KnownSession>('sessions'), private readonly now = () => Date.now()) {}

  /** The one that was used last comes first. */
  public list(): KnownSession[] {
    return this.store.all().map(({ record }) => record).sort((a, b) => b.lastUsed - a.lastUsed);
  }

  public used(place: SessionPlace): void {
    this.save(place, {});
  }

  public stopped(place: SessionPlace): void {
    this.save(place, { stopped: this.now() });
  }

  /** Forgets those that have lost their files; the sessions themselves are not touched. */
  public prune(): KnownSession[] {
    const stale = this.list().filter((session) => stateOf(session, this.now()) === 'stale');
    for (const session of stale) this.store.remove(keyOf(session));
    return stale;
  }

  private save({ runtimeArn, qualifier, sessionId, endpoint }: SessionPlace, end: { readonly stopped?: number }): void {
    const place = { runtimeArn, qualifier, sessionId, ...(endpoint ? { endpoint } : {}) };
    const key = keyOf(place);
    try {
      const firstUsed = this.store.load(key)?.firstUsed ?? this.now();
      this.store.save(key, { ...place, firstUsed, lastUsed: this.now(), ...end });
    } catch (error) {
      // where nothing can be written, such as in a container, the session is as good without its record
      if (!isUnwritable(error)) throw error;
    }
  }
}

function keyOf({ runtimeArn, qualifier, sessionId, endpoint = '' }: SessionPlace): string {
  return createHash('sha256').update(JSON.stringify([runtimeArn, qualifier, sessionId, endpoint])).digest('hex');
}

export function isUnwritable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EDQUOT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
}
