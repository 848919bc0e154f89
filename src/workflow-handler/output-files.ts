import { createReadStream } from 'node:fs';
import { FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { TaskError } from './task-error';
import { describeError } from '../client/errors';
import { putObject } from '../provider/put-object';

type Stream = 'stdout' | 'stderr';

const STREAMS: readonly Stream[] = ['stdout', 'stderr'];

/** The most of both streams together, in bytes: what the function has of disk, less some room. */
const MAX_BYTES = 480 * 1024 * 1024;

/** The whole output of a command on its way to S3: kept on disk until its length is known, which one PUT has to tell first. */
export class OutputFiles {
  public static async open(): Promise<OutputFiles> {
    const directory = await mkdtemp(join(tmpdir(), 'output-'));
    const [stdout, stderr] = await Promise.all(STREAMS.map(async (stream) => open(join(directory, stream), 'w')));
    return new OutputFiles(directory, { stdout, stderr });
  }

  private bytes = 0;

  private constructor(private readonly directory: string, private readonly files: Readonly<Record<Stream, FileHandle>>) {}

  /** @throws TaskError where there is more than the function has room for */
  public async append(stream: Stream, text: string): Promise<void> {
    this.bytes += Buffer.byteLength(text);
    if (this.bytes > MAX_BYTES) {
      throw new TaskError('outputNotStored', `the command has written more than ${MAX_BYTES} bytes, which do not go to S3 in one piece; let the command itself store large output`);
    }
    await this.files[stream].write(text);
  }

  /**
   * Stores both streams, below the prefix and the name of the run.
   *
   * @throws TaskError where S3 does not take them
   */
  public async upload(
    client: BedrockAgentCoreClient, { bucket, prefix }: { readonly bucket: string; readonly prefix: string }, name: string,
  ): Promise<Record<Stream, string>> {
    const addresses = await Promise.all(STREAMS.map(async (stream) => {
      const path = join(this.directory, stream);
      const key = `${prefix}${name}/${stream}.txt`;
      const length = (await stat(path)).size;
      await putObject(client, { bucket, key, length, content: () => createReadStream(path) }).catch((error) => {
        throw new TaskError('outputNotStored', `the command has ended, but ${describeError(error)}`, error);
      });
      return `s3://${bucket}/${key}`;
    }));
    return { stdout: addresses[0], stderr: addresses[1] };
  }

  public async remove(): Promise<void> {
    await Promise.all(STREAMS.map(async (stream) => this.files[stream].close()));
    await rm(this.directory, { recursive: true, force: true });
  }
}
