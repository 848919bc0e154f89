import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { AGENT_RUNTIME_SHAPES } from '../../../service/model/agent-runtime';
import { violations } from '../../../service/model/validate';
import { CODE_BYTES } from '../../../service/quotas';
import { tooLarge } from '../body';
import { removeTemporaries, syncDirectory, temporaryName } from '../durable-file';
import { fieldValidationFailed } from '../http-error';

/** Where an agent's code lies, as in S3. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

export interface OpenObject {
  /** In bytes. */
  readonly size: number;
  content(): Readable;
  close(): Promise<void>;
}

/** What stands for S3 here: zip files under the names that runtimes refer to. */
export class ObjectStore {
  /** Opens the store below a state directory and removes what interrupted uploads left. */
  public static async open(stateDir: string): Promise<ObjectStore> {
    const root = join(stateDir, 'objects');
    await mkdir(root, { recursive: true });
    for (const bucket of await readdir(root)) await removeTemporaries(join(root, bucket));
    return new ObjectStore(root);
  }

  private constructor(private readonly root: string) {}

  /**
   * Stores an object in place of an earlier one.
   *
   * @throws ServiceError ValidationException for a name that S3 would refuse; HttpError for more than 250 MB
   */
  public async put(name: ObjectName, content: Readable): Promise<{ readonly size: number }> {
    const path = this.pathOf(name);
    const temporary = temporaryName(path);
    // a bucket that is new has a name to keep, too
    if (await mkdir(dirname(path), { recursive: true }) !== undefined) await syncDirectory(this.root);
    try {
      const size = await write(temporary, content);
      await rename(temporary, path);
      await syncDirectory(dirname(path));
      return { size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** The file of an object; undefined where there is none. */
  public find(name: ObjectName): string | undefined {
    const path = this.pathOf(name);
    return existsSync(path) ? path : undefined;
  }

  /** An object as it is now, whatever is put in its place meanwhile; to be closed. Undefined where there is none. */
  public async read(name: ObjectName): Promise<OpenObject | undefined> {
    const path = this.find(name);
    if (path === undefined) return undefined;
    const handle = await open(path);
    const { size } = await handle.stat();
    return { size, content: () => handle.createReadStream({ autoClose: false }), close: async () => handle.close() };
  }

  private pathOf({ bucket, key }: ObjectName): string {
    const found = violations(AGENT_RUNTIME_SHAPES, 'S3Location', { bucket, prefix: key });
    if (found.length > 0) throw fieldValidationFailed(found);
    // keys may be longer than file names and hold any character
    return join(this.root, bucket, `${createHash('sha256').update(key).digest('hex')}.zip`);
  }
}

async function write(path: string, content: Readable): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    for await (const chunk of content as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > CODE_BYTES.zip) throw tooLarge(CODE_BYTES.zip);
      await file.writeFile(chunk);
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}
