import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What servers have left on this machine. */
export interface Leftovers {
  /** Processes that work in the directory, see a mount from it, or have it in their environment. */
  readonly processes: readonly string[];
  /** Mount points of this machine at or below the directory. */
  readonly mounts: readonly string[];
  /** Temporary files and folders, and notes on computes. */
  readonly files: readonly string[];
}

/**
 * Everything that belongs to a directory and should have gone with the sessions; its `state` and `tmp` are the server's.
 *
 * @param except processes that may be there
 */
export function leftoversOf(directory: string, except: readonly number[] = []): Leftovers {
  return { processes: processesOf(directory, [process.pid, ...except]), mounts: mountsOf(directory), files: filesOf(directory) };
}

export function describeLeftovers({ processes, mounts, files }: Leftovers): string[] {
  return [
    ...processes.map((line) => `process ${line}`),
    ...mounts.map((path) => `mount ${path}`),
    ...files.map((path) => `file ${path}`),
  ];
}

/** Sessions' processes forget the server's environment, but see its storage: in their mounts. */
function processesOf(directory: string, except: readonly number[]): string[] {
  if (!existsSync('/proc/self/mountinfo')) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !except.includes(Number(name))).flatMap((pid) => {
    const isOurs = ['mountinfo', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(directory));
    return isOurs ? [`${pid} ${read(`/proc/${pid}/cmdline`).replace(/\0/g, ' ').slice(0, 120)}`] : [];
  });
}

function mountsOf(directory: string): string[] {
  return read('/proc/self/mountinfo').split('\n').map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(directory));
}

function filesOf(directory: string): string[] {
  const state = join(directory, 'state');
  return [
    ...list(join(directory, 'tmp')),
    ...list(join(state, 'computes')),
    ...list(state).filter((path) => path.includes('.partial-')),
    ...list(join(state, 'storage')).flatMap(list).filter((path) => path.endsWith('.new')),
  ];
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // it has ended meanwhile, or belongs to somebody else
    return '';
  }
}
