import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTemporaries, writeDurably } from './durable-file';

const FILE = 'id';

/**
 * The id of a state directory, made when it is served for the first time: tells its runtimes from those of any other one,
 * and of one that was emptied.
 */
export async function stateId(stateDir: string): Promise<string> {
  const path = join(stateDir, FILE);
  await removeTemporaries(stateDir, `${FILE}-`);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomUUID();
  await writeDurably(path, `${id}\n`);
  return id;
}
