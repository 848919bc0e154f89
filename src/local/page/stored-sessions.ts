import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionKey } from '../sessions/contract';

/** A session that has storage, running or not. */
export interface StoredSession {
  /** Its name in paths. */
  readonly session: string;
  readonly key: SessionKey;
  readonly version: string;
  readonly mountPaths: readonly string[];
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}

/** How many notes are read at the same time. */
const AT_ONCE = 32;

/** What the state directory tells of sessions; notes that have not changed are not read again. */
export class StoredSessions {
  private readonly directory: string;
  private known = new Map<string, { readonly changed: number; readonly found: StoredSession }>();

  constructor(stateDir: string) {
    this.directory = join(stateDir, 'storage');
  }

  /** All sessions with storage, the one that was used last first. */
  public async list(): Promise<StoredSession[]> {
    const names = (await ifThere(readdir(this.directory))) ?? [];
    const known = new Map<string, { changed: number; found: StoredSession }>();
    for (let from = 0; from < names.length; from += AT_ONCE) {
      await Promise.all(names.slice(from, from + AT_ONCE).map(async (name) => {
        const entry = await this.read(name);
        if (entry !== undefined) known.set(name, entry);
      }));
    }
    this.known = known;
    return [...known.values()].map(({ found }) => found).sort((a, b) => b.lastUsed - a.lastUsed);
  }

  public async find(session: string): Promise<StoredSession | undefined> {
    return /^[0-9a-f]+$/.test(session) ? (await this.read(session))?.found : undefined;
  }

  private async read(session: string) {
    const file = join(this.directory, session, 'metadata.json');
    const changed = (await ifThere(stat(file)))?.mtimeMs;
    if (changed === undefined) return undefined;
    const known = this.known.get(session);
    if (known?.changed === changed) return known;
    const note = parse(await ifThere(readFile(file, 'utf8')));
    return note && { changed, found: { ...note, session } };
  }
}

/** A note; undefined for one that is damaged, which whoever starts its session is told of. */
function parse(text: string | undefined): Omit<StoredSession, 'session'> | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text) as Omit<StoredSession, 'session'>;
  } catch {
    return undefined;
  }
}

/** What a promise resolves to; undefined where the file has gone meanwhile. */
async function ifThere<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
