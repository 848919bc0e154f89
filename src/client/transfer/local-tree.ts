import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { localError, show, TransferError } from './errors';

/** Something in a local folder that can be copied. */
export interface TreeEntry {
  /** From the folder on, with slashes; empty for the folder itself. */
  readonly name: string;
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link';
  readonly mode: number;
  readonly size: number;
  readonly target?: string;
}

export interface LocalTree {
  /** A directory stands before what is in it; in order of names, so that equal folders give equal trees. */
  readonly entries: readonly TreeEntry[];
  /** Names of sockets, pipes and devices. */
  readonly skipped: readonly string[];
}

/** What is to be uploaded. */
export interface LocalSource {
  readonly path: string;
  /** Under which name it comes into a directory; `.` where its content is meant. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly mode: number;
  readonly size: number;
}

/** @throws TransferError where it is not there, or neither a file nor a folder */
export async function localSource(path: string): Promise<LocalSource> {
  const found = await stat(path).catch((error) => { throw localError(error, path); });
  const name = /(^|\/)\.\/*$/.test(path) ? '.' : basename(resolve(path));
  const common = { path: resolve(path), name: name || '.', mode: found.mode % 0o1000 };
  if (found.isDirectory()) return { ...common, kind: 'folder', size: 0 };
  if (!found.isFile()) throw new TransferError('kind', `local ${show(path)} is neither a file nor a folder`);
  return { ...common, kind: 'file', size: found.size };
}

export async function readLocalTree(root: string): Promise<LocalTree> {
  const entries: TreeEntry[] = [{ name: '', path: root, type: 'directory', mode: (await stat(root)).mode % 0o1000, size: 0 }];
  const skipped: string[] = [];
  await walk(root, '', entries, skipped).catch((error) => { throw localError(error, root); });
  return { entries, skipped };
}

async function walk(directory: string, prefix: string, entries: TreeEntry[], skipped: string[]): Promise<void> {
  const names = (await readdir(directory, { encoding: 'buffer' })).map(nameOf).sort((a, b) => (a < b ? -1 : 1));
  for (const own of names) {
    const path = join(directory, own);
    const name = prefix + own;
    // what an interrupted copy has left is no part of the folder
    if (/^\.agentcore-[0-9a-f]{16}-[0-9a-f]{16}\./.test(own)) continue;
    const found = await lstat(path);
    const mode = found.mode % 0o1000;
    if (found.isFile()) {
      entries.push({ name, path, type: 'file', mode, size: found.size });
    } else if (found.isSymbolicLink()) {
      entries.push({ name, path, type: 'link', mode: 0o777, size: 0, target: await readlink(path) });
    } else if (found.isDirectory()) {
      entries.push({ name, path, type: 'directory', mode, size: 0 });
      await walk(path, `${name}/`, entries, skipped);
    } else {
      skipped.push(name);
    }
  }
}

function nameOf(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  if (!Buffer.from(name).equals(bytes)) throw new TransferError('kind', `the local file name ${show(bytes.toString('latin1'))} is not UTF-8; rename it`);
  return name;
}
