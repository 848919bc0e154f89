import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IamState } from './records';
import { removeTemporaries, writeDurably } from '../durable-file';
import { SerialQueue } from '../serial-queue';

const FILE = 'iam.json';

/** The state of IAM, in memory and in one file; a change is on disk before it counts. */
export class IamStore {
  /** Reads the state directory; throws an Error if its file is not ours to read. */
  public static async open(stateDir: string): Promise<IamStore> {
    const path = join(stateDir, FILE);
    await removeTemporaries(stateDir, FILE);
    return new IamStore(path, existsSync(path) ? parse(await readFile(path, 'utf8'), path) : { format: 1, roles: [], policies: [], credentials: [], bucketKeys: {} });
  }

  private readonly queue = new SerialQueue();

  private constructor(private readonly path: string, private committed: IamState) {}

  /** The last committed state; not to be changed. */
  public get state(): IamState {
    return this.committed;
  }

  /** Runs a change while no other one runs; nothing has changed if it throws. */
  public async change<T>(work: (draft: IamState) => T): Promise<T> {
    return this.queue.run(async () => {
      const draft = structuredClone(this.committed);
      const result = work(draft);
      await writeDurably(this.path, JSON.stringify(draft));
      this.committed = draft;
      return result;
    });
  }
}

function parse(text: string, path: string): IamState {
  const next = 'choose another state directory, or remove this one to start anew';
  let state: IamState;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new Error(`state file ${path} is not JSON (${(error as Error).message}); ${next}`);
  }
  if (state?.format !== 1) throw new Error(`state file ${path} has format ${JSON.stringify(state?.format)}, this version reads format 1; ${next}`);
  return state;
}
