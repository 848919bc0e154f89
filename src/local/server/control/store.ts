import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTemporaries, writeDurably } from '../durable-file';
import { SerialQueue } from '../serial-queue';
import { ControlPlaneState } from './records';

const FILE = 'control-plane.json';

/**
 * The control plane's state, in memory and in one file.
 *
 * A mutation is on disk before it is seen or answered: whoever reads sees the last committed state.
 */
export class ControlPlaneStore {
  /** Reads the state directory; throws an Error where its file is not ours to read. */
  public static async open(stateDir: string): Promise<ControlPlaneStore> {
    const path = join(stateDir, FILE);
    await removeTemporaries(stateDir, FILE);
    if (!existsSync(path)) return new ControlPlaneStore(path, { format: 1, runtimes: [], capacityProviders: [], tokens: [] });
    return new ControlPlaneStore(path, parse(await readFile(path, 'utf8'), path));
  }

  private readonly queue = new SerialQueue();

  private constructor(private readonly path: string, private committed: ControlPlaneState) {}

  /** The last committed state; not to be changed. */
  public get state(): ControlPlaneState {
    return this.committed;
  }

  /** Runs a mutation while no other one runs; it works on a draft and makes it last with `commit`. */
  public async mutate<T>(work: (draft: ControlPlaneState, commit: () => Promise<void>) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      const draft = structuredClone(this.committed);
      return work(draft, async () => {
        await writeDurably(this.path, JSON.stringify(draft));
        this.committed = structuredClone(draft);
      });
    });
  }
}

function parse(text: string, path: string): ControlPlaneState {
  const next = 'choose another state directory, or remove this one to start anew';
  let state: ControlPlaneState;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new Error(`state file ${path} is not JSON (${(error as Error).message}); ${next}`);
  }
  if (state?.format !== 1) throw new Error(`state file ${path} has format ${JSON.stringify(state?.format)}, this version reads format 1; ${next}`);
  // files of before there were any lack them
  return { ...state, capacityProviders: state.capacityProviders ?? [] };
}
