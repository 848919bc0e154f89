import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** How many records of a kind are kept; the oldest go first. */
export const MAX_RECORDS = 200;

/** A name of a file that cannot lead out of its directory. */
const KEY = /^[A-Za-z0-9-]{1,128}$/;

/**
 * Records of one kind below the user's state directory, `$XDG_STATE_HOME/cdk-agentcore`.
 *
 * A file each: several programs of this kind run at the same time, and none is to undo what another one has written.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export class RecordStore<T extends object> {
  public readonly directory: string;

  constructor(kind: string, environment: NodeJS.ProcessEnv = process.env) {
    const { XDG_STATE_HOME: given = '' } = environment;
    // relative ones are to be ignored
    this.directory = join(isAbsolute(given) ? given : join(environment.HOME || homedir(), '.local', 'state'), 'cdk-agentcore', kind);
  }

  /** Writes a record, and removes the oldest ones where there are too many. */
  public save(key: string, record: T): void {
    const file = this.fileOf(key);
    // which sessions there are is nobody else's business
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.directory, `.${key}.${randomBytes(6).toString('hex')}`);
    try {
      writeFileSync(temporary, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    const names = this.names();
    if (names.length > MAX_RECORDS) this.removeOldest(names);
  }

  public load(key: string): T | undefined {
    try {
      return JSON.parse(readFileSync(this.fileOf(key), 'utf8')) as T;
    } catch (error) {
      // one that cannot be read is none: it is only a convenience
      if (error instanceof SyntaxError || isMissing(error)) return undefined;
      throw error;
    }
  }

  public all(): { readonly key: string; readonly record: T }[] {
    return this.names().map((name) => name.slice(0, -'.json'.length)).flatMap((key) => {
      const record = this.load(key);
      return record === undefined ? [] : [{ key, record }];
    });
  }

  public remove(key: string): void {
    rmSync(this.fileOf(key), { force: true });
  }

  private removeOldest(names: readonly string[]): void {
    const times = names.map((name) => {
      try {
        return { name, time: statSync(join(this.directory, name)).mtimeMs };
      } catch (error) {
        // another program was faster
        if (isMissing(error)) return { name, time: Infinity };
        throw error;
      }
    });
    times.sort((a, b) => a.time - b.time);
    for (const { name } of times.slice(0, names.length - MAX_RECORDS)) rmSync(join(this.directory, name), { force: true });
  }

  private names(): string[] {
    try {
      return readdirSync(this.directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  private fileOf(key: string): string {
    if (!KEY.test(key)) throw new Error(`${JSON.stringify(key)} is no key of a record`);
    return join(this.directory, `${key}.json`);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
