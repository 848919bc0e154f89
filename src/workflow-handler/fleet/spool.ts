import { createReadStream } from 'node:fs';
import { FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** How much waits in memory before it goes to the disk, in characters. */
const CHUNK = 256 * 1024;

/** Text of any length on its way to S3: kept on disk until its length is known. */
export class Spool {
  public static async open(): Promise<Spool> {
    const directory = await mkdtemp(join(tmpdir(), 'spool-'));
    return new Spool(directory, await open(join(directory, 'text'), 'w'));
  }

  /** In bytes. */
  public length = 0;
  private waiting = '';

  private constructor(private readonly directory: string, private readonly file: FileHandle) {}

  public async add(text: string): Promise<void> {
    this.waiting += text;
    if (this.waiting.length >= CHUNK) await this.flush();
  }

  /** What is there, once nothing more is added. */
  public async content(): Promise<() => Readable> {
    await this.flush();
    return () => createReadStream(join(this.directory, 'text'));
  }

  public async remove(): Promise<void> {
    await this.file.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.from(this.waiting);
    this.waiting = '';
    this.length += bytes.length;
    await this.file.writeFile(bytes);
  }
}
