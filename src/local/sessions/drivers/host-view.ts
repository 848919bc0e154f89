import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HostEntry, HostView } from './root-plan';

/** Below the home directory: whose keys lie there is no agent. */
const CREDENTIAL_DIRECTORIES = ['.aws', '.ssh'];

/** Larger files are not copied into every session. */
const MAX_COPY_BYTES = 1024 * 1024;

/** The host as this process sees it. */
export function viewHost(options: { userNamespace: boolean }): HostView {
  return {
    mountPoints: readMountPoints(readFileSync('/proc/self/mountinfo', 'utf8')),
    overlaysRoot: !options.userNamespace,
    list,
    isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory(),
    // root inside is this very user outside, and nobody else exists there
    isForeign: (path) => options.userNamespace && statSync(path).uid !== process.getuid?.(),
    keepFiles: ['/etc/resolv.conf'].filter(existsSync).map((path) => realpathSync(path)),
    node: realpathSync(process.execPath),
  };
}

/** The host's directories that are empty inside: where they really are, for a link to one hides nothing. */
export function maskedDirectories(stateDir: string): string[] {
  return [stateDir, ...CREDENTIAL_DIRECTORIES.map((name) => join(homedir(), name))].filter(existsSync).map((path) => realpathSync(path));
}

/** The mount points in the text of `/proc/<pid>/mountinfo`. */
export function readMountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').filter((line) => line !== '')
    .map((line) => line.split(' ')[4].replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))));
}

function list(path: string): HostEntry[] | undefined {
  try {
    accessSync(path, constants.X_OK);
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(path, entry) }));
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function kindOf(directory: string, entry: { name: string; isDirectory(): boolean; isSymbolicLink(): boolean; isFile(): boolean }): HostEntry['kind'] {
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'link';
  const path = join(directory, entry.name);
  if (!entry.isFile() || !isReadable(path)) return 'other';
  return statSync(path).size > MAX_COPY_BYTES ? 'large-file' : 'file';
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
