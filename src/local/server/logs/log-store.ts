import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTemporaries, syncDirectory, temporaryName, writeDurably } from '../durable-file';
import { SerialQueue } from '../serial-queue';

/** One line of a log. */
export interface LogEvent {
  /** Milliseconds since the epoch, as the writer says. */
  readonly timestamp: number;
  readonly message: string;
  /** Milliseconds since the epoch, when it came. */
  readonly ingestionTime: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly firstEventTimestamp?: number;
  readonly lastEventTimestamp?: number;
  readonly lastIngestionTime?: number;
  /** Of its file. */
  readonly bytes: number;
}

interface LogGroup {
  readonly name: string;
  readonly directory: string;
  readonly streams: Map<string, LogStream & { readonly path: string }>;
}

/** What a log group's directory and a stream's file begin with. */
interface Head {
  readonly name: string;
  readonly createdAt: number;
}

/** A batch of events as one line of a stream's file: it is there as a whole or not at all. */
type Batch = readonly [ingestionTime: number, events: readonly (readonly [timestamp: number, message: string])[]];

const GROUP_FILE = 'group.json';

/**
 * Log groups and streams: a directory for each group, in it a file for each stream that only grows.
 *
 * What has returned is on disk. Events of a stream are in the order in which they came.
 */
export class LogStore {
  /** Reads what is below a state directory; an event that was half written is dropped, for it was never acknowledged. */
  public static async open(stateDir: string): Promise<LogStore> {
    const root = join(stateDir, 'cloudwatch-logs');
    await mkdir(root, { recursive: true });
    await removeTemporaries(root);
    const groups = await Promise.all((await readdir(root)).map(async (name) => readGroup(join(root, name))));
    return new LogStore(root, new Map(groups.map((group) => [group.name, group])));
  }

  private readonly queue = new SerialQueue();

  private constructor(private readonly root: string, private readonly groups: Map<string, LogGroup>) {}

  public hasGroup(name: string): boolean {
    return this.groups.has(name);
  }

  /** The streams of a group that is there. */
  public streams(group: string): LogStream[] {
    return [...this.require(group).streams.values()];
  }

  /** The events of a stream that is there. */
  public async events(group: string, stream: string): Promise<LogEvent[]> {
    return (await readStream(this.requireStream(group, stream).path)).events;
  }

  /** Makes a group; false where there is one of this name. */
  public async createGroup(name: string, now: number): Promise<boolean> {
    return this.queue.run(async () => {
      if (this.groups.has(name)) return false;
      const directory = join(this.root, fileName(name));
      const temporary = temporaryName(directory);
      await mkdir(temporary);
      await writeDurably(join(temporary, GROUP_FILE), JSON.stringify({ name, createdAt: now } satisfies Head));
      await rename(temporary, directory);
      await syncDirectory(this.root);
      this.groups.set(name, { name, directory, streams: new Map() });
      return true;
    });
  }

  /** Removes a group with its streams; false where there is none. */
  public async deleteGroup(name: string): Promise<boolean> {
    return this.queue.run(async () => {
      const group = this.groups.get(name);
      if (!group) return false;
      const temporary = temporaryName(group.directory);
      await rename(group.directory, temporary);
      await syncDirectory(this.root);
      this.groups.delete(name);
      await rm(temporary, { recursive: true });
      return true;
    });
  }

  /** Makes a stream in a group that is there; false where there is one of this name. Of several callers one gets true. */
  public async createStream(group: string, name: string, now: number): Promise<boolean> {
    return this.queue.run(async () => {
      const { directory, streams } = this.require(group);
      if (streams.has(name)) return false;
      const path = join(directory, `${fileName(name)}.jsonl`);
      const head = `${JSON.stringify({ name, createdAt: now } satisfies Head)}\n`;
      await writeDurably(path, head);
      streams.set(name, { name, path, createdAt: now, bytes: Buffer.byteLength(head) });
      return true;
    });
  }

  /** Adds events to a stream that is there: all of them or, where it throws, none. */
  public async append(group: string, name: string, events: readonly Omit<LogEvent, 'ingestionTime'>[], now: number): Promise<void> {
    await this.queue.run(async () => {
      const stream = this.requireStream(group, name);
      const batch: Batch = [now, events.map(({ timestamp, message }) => [timestamp, message])];
      const line = Buffer.from(`${JSON.stringify(batch)}\n`);
      await appendDurably(stream.path, line, stream.bytes);
      const stamps = events.map(({ timestamp }) => timestamp);
      this.require(group).streams.set(name, withEvents({ ...stream, bytes: stream.bytes + line.length }, stamps, now));
    });
  }

  private require(group: string): LogGroup {
    const found = this.groups.get(group);
    if (!found) throw new MissingLogError('log group');
    return found;
  }

  private requireStream(group: string, name: string): LogStream & { readonly path: string } {
    const found = this.require(group).streams.get(name);
    if (!found) throw new MissingLogError('log stream');
    return found;
  }
}

/** A log group or log stream that is not there. */
export class MissingLogError extends Error {
  constructor(what: 'log group' | 'log stream') {
    super(`The specified ${what} does not exist.`);
  }
}

async function readGroup(directory: string): Promise<LogGroup> {
  await removeTemporaries(directory);
  const head: Head = JSON.parse(await readFile(join(directory, GROUP_FILE), 'utf8'));
  const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
  const streams = await Promise.all(files.map(async (file) => {
    const path = join(directory, file);
    const { head: { name, createdAt }, events, bytes, size } = await readStream(path);
    if (bytes < size) await truncate(path, bytes);
    const last = events[events.length - 1];
    return [name, withEvents({ name, path, createdAt, bytes }, events.map(({ timestamp }) => timestamp), last?.ingestionTime)] as const;
  }));
  return { name: head.name, directory, streams: new Map(streams) };
}

async function readStream(path: string): Promise<{ head: Head; events: LogEvent[]; bytes: number; size: number }> {
  const content = await readFile(path);
  // what follows the last line break was not written in full
  const bytes = content.lastIndexOf('\n') + 1;
  const [head, ...batches] = content.subarray(0, bytes).toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  const events = (batches as Batch[]).flatMap(([ingestionTime, entries]) =>
    entries.map(([timestamp, message]) => ({ timestamp, message, ingestionTime })));
  return { head, events, bytes, size: content.length };
}

async function appendDurably(path: string, line: Buffer, length: number): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(line);
    await file.sync();
  } catch (error) {
    await file.truncate(length);
    throw error;
  } finally {
    await file.close();
  }
}

function withEvents<T extends LogStream>(stream: T, timestamps: readonly number[], ingestionTime: number | undefined): T {
  if (timestamps.length === 0) return stream;
  const min = timestamps.reduce((a, b) => Math.min(a, b), stream.firstEventTimestamp ?? Infinity);
  const max = timestamps.reduce((a, b) => Math.max(a, b), stream.lastEventTimestamp ?? -Infinity);
  return { ...stream, firstEventTimestamp: min, lastEventTimestamp: max, lastIngestionTime: ingestionTime };
}

/** Names of groups and streams may be longer than file names and hold any character. */
function fileName(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
