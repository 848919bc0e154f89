import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

const STANDARD_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The PATH inside: where the host finds programs, with the running Node in any case, then the usual places.
 *
 * A project's own `node_modules/.bin` is on the PATH only because npm started us, so it stays out.
 */
export function searchPath(hostPath = process.env.PATH ?? '', node = process.execPath): string {
  const host = hostPath.split(':').filter((directory) => isAbsolute(directory) && !directory.includes('/node_modules/'));
  const withNode = host.includes(dirname(node)) ? host : [dirname(node), ...host];
  return [...new Set([...withNode, ...STANDARD_PATH])].join(':');
}

/** The absolute path of a program on the host's PATH, which is its path in a session too; throws if there is none. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string {
  const found = path.split(':').filter(isAbsolute).map((directory) => join(directory, name)).find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`program ${name} is not found on the PATH; install it`);
  return found;
}
