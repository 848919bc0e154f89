import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SessionKey } from '../../src/local/sessions/contract';
import { digestOf } from '../../src/local/sessions/storage';

interface Entry {
  readonly key: SessionKey;
  /** What was acknowledged last; undefined where nothing was. */
  written?: string;
  /** What may have been written since: the answer did not come. */
  doubtful: string[];
}

/** What every session's storage has to hold. */
export class StorageLedger {
  private readonly entries = new Map<string, Entry>();

  /** Notes that a content is about to be written. */
  public begin(key: SessionKey, content: string): void {
    const digest = digestOf(key);
    const entry = this.entries.get(digest) ?? { key, doubtful: [] };
    entry.doubtful.push(content);
    this.entries.set(digest, entry);
  }

  /** Notes that the write was acknowledged. */
  public acknowledge(key: SessionKey, content: string): void {
    Object.assign(this.entries.get(digestOf(key))!, { written: content, doubtful: [] });
  }

  /** What is wrong with a content that was read; undefined where nothing is. */
  public objection(key: SessionKey, content: string | undefined): string | undefined {
    const { written, doubtful = [] }: Partial<Entry> = this.entries.get(digestOf(key)) ?? {};
    if (content === written || (content !== undefined && doubtful.includes(content))) return undefined;
    return `storage of ${key.runtimeId} ${key.sessionId} holds ${JSON.stringify(content)}, written was ${JSON.stringify(written)}`;
  }

  /** Compares the folders of all sessions with what was written. */
  public compare(stateDir: string): { readonly folders: number; readonly wrong: string[] } {
    const wrong = [...this.entries].flatMap(([digest, { key }]) => {
      const file = join(stateDir, 'storage', digest, 'mounts', 'workspace', 'last');
      return this.objection(key, existsSync(file) ? readFileSync(file, 'utf8') : undefined) ?? [];
    });
    return { folders: this.entries.size, wrong };
  }
}
