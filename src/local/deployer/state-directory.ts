import { existsSync, readdirSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const CODE = 'code';

/**
 * Where things are kept between deployments: the code of functions for all, and the states of stacks for each local
 * AgentCore by itself, because a stack is where its resources are.
 */
export class StateDirectory {
  /** Where the states of this AgentCore's stacks are. */
  public readonly stacks: string;
  public readonly code: string;

  /** @param id of the AgentCore; one that tells none has its stacks in the directory itself */
  constructor(private readonly root: string, id: string | undefined) {
    this.stacks = id === undefined ? root : join(root, id);
    this.code = join(root, CODE);
  }

  /** The states that other AgentCores have of a stack of that name. */
  public elsewhere(stackName: string): string[] {
    return [this.root, ...this.entries().map((name) => join(this.root, name))]
      .filter((directory) => directory !== this.stacks)
      .map((directory) => join(directory, `${stackName}.json`))
      .filter((file) => existsSync(file));
  }

  /** Removes what is empty; resolves to whether no stack of any AgentCore is left. */
  public async tidy(): Promise<boolean> {
    if (this.stacks !== this.root) {
      await rmdir(this.stacks).catch((error: NodeJS.ErrnoException) => {
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
      });
    }
    return this.entries().every((name) => name === CODE);
  }

  private entries(): string[] {
    return existsSync(this.root) ? readdirSync(this.root) : [];
  }
}
