import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DeployerError, messageOf } from '../errors';
import { StackState } from './state';

const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** The states of all stacks, one file each in one directory. */
export class StateStore {
  constructor(public readonly directory: string) {}

  public load(stackName: string): StackState | undefined {
    const file = this.fileOf(stackName);
    try {
      const state = JSON.parse(readFileSync(file, 'utf8')) as StackState;
      if (state.format !== 1) throw new Error(`format ${String(state.format)} is not 1, which this version reads`);
      return state;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new DeployerError(`the stack state ${file} cannot be read: ${messageOf(error)}; remove it to start anew`);
    }
  }

  /** Writes a state so that a crash at any moment leaves the old one or the new one. */
  public save(state: StackState): void {
    const file = this.fileOf(state.stackName);
    mkdirSync(this.directory, { recursive: true });
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      // properties may hold secrets
      const descriptor = openSync(temporary, 'wx', 0o600);
      try {
        writeSync(descriptor, JSON.stringify(state, undefined, 1));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  public remove(stackName: string): void {
    rmSync(this.fileOf(stackName), { force: true });
  }

  public all(): StackState[] {
    let names: string[];
    try {
      names = readdirSync(this.directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names.filter((name) => name.endsWith('.json')).sort().flatMap((name) => this.load(name.slice(0, -'.json'.length)) ?? []);
  }

  private fileOf(stackName: string): string {
    if (!STACK_NAME.test(stackName)) {
      throw new DeployerError(`stack name ${JSON.stringify(stackName)} is not a letter followed by up to 127 letters, digits and hyphens`);
    }
    return join(this.directory, `${stackName}.json`);
  }
}
