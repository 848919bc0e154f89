import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployerError } from '../errors';

/**
 * Keeps other deployments off a stack until the returned function is called; the lock of a dead process does not count.
 *
 * @throws DeployerError where another process works on the stack
 */
export function lockStack(directory: string, stackName: string): () => void {
  const file = join(directory, `${stackName}.lock`);
  mkdirSync(directory, { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = ownerOf(file);
      if (owner !== undefined && isAlive(owner)) {
        throw new DeployerError(`stack ${stackName} is being worked on by process ${owner}; wait until it has ended (or remove ${file})`);
      }
      rmSync(file, { force: true });
    }
  }
  throw new DeployerError(`stack ${stackName} is being worked on by another process; try again`);
}

function ownerOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
