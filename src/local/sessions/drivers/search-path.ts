import { dirname, isAbsolute } from 'node:path';

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
