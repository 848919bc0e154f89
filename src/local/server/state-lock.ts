import { existsSync, readFileSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTemporaryOf, temporaryName } from './durable-file';

const ATTEMPTS = 5;

/** State directories that this very process serves; a lock file with our pid may also be left from an earlier process. */
const held = new Set<string>();

interface Owner {
  readonly pid: number;
  /** When the process began, in the kernel's words; tells apart two processes that had the same pid. */
  readonly started?: string;
}

/**
 * Takes a state directory for this process, also from a process that is gone.
 *
 * @returns gives it back
 * @throws Error where a living process has it
 */
export async function lockStateDirectory(stateDir: string): Promise<() => Promise<void>> {
  const path = join(stateDir, 'server.lock');
  if (held.has(path)) throw inUse(stateDir, process.pid);
  held.add(path);
  const own = temporaryName(path);
  try {
    await writeFile(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner), { flag: 'wx' });
    await take(own, path, stateDir);
    await removeLeft(path, own);
  } catch (error) {
    held.delete(path);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}

async function take(own: string, path: string, stateDir: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await linked(own, path)) return;
    const found = await readFile(path, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner && isAlive(owner)) throw inUse(stateDir, owner.pid);
    await removeStale(path, found);
  }
  throw new Error(`state directory ${stateDir} is being taken by several processes at once; start one local AgentCore per state directory`);
}

async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock file that was found stale, but not one that somebody has put there since. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = temporaryName(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (await readFile(aside, 'utf8') !== stale) await linked(aside, path);
  await rm(aside, { force: true });
}

/** Removes what processes that were killed while they took the directory have left; not what those that live are about to use. */
async function removeLeft(path: string, own: string): Promise<void> {
  const left = (await readdir(dirname(path))).map((name) => join(dirname(path), name))
    .filter((candidate) => candidate !== own && isTemporaryOf(path, candidate));
  for (const candidate of left) {
    const owner = parseOwner(await readFile(candidate, 'utf8').catch(() => ''));
    if (!owner || !isAlive(owner)) await rm(candidate, { force: true });
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner | null;
    return owner && Number.isSafeInteger(owner.pid) && owner.pid > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  // this process holds what is in `held`, and nothing else
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(owner.pid);
  return started === undefined || owner.started === undefined || started === owner.started;
}

/** The start time of a process where the system tells it in a file. */
function startOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  try {
    // the program's name, in parentheses, may hold spaces; the start time is the 20th field after it
    return readFileSync(path, 'utf8').replace(/^.*\)/s, '').trim().split(' ')[19];
  } catch {
    return undefined;
  }
}

function inUse(stateDir: string, pid: number): Error {
  return new Error(`state directory ${stateDir} is in use by the local AgentCore with process id ${pid}; stop that one or choose another state directory`);
}
