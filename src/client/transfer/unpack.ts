import { chmod, constants, copyFile, FileHandle, mkdir, open, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { show, TransferError } from './errors';
import { leadsOut } from './links';
import { readTar, TarEntry } from './tar-read';

/** What to do with symbolic links that lead out of the folder. */
export type OutsideLinks = 'refuse' | 'skip';

export interface Unpacked {
  readonly files: number;
  readonly skipped: readonly string[];
}

/**
 * Unpacks an archive into a directory that is empty. Nothing is written outside of it, nor through a link, and no link
 * leads out of it.
 *
 * @throws TransferError where the archive would do so, or is none
 */
export async function unpack(archive: FileHandle, length: number, root: string, outsideLinks: OutsideLinks, signal?: AbortSignal): Promise<Unpacked> {
  const made = new Map<string, 'file' | 'directory'>([['', 'directory']]);
  const modes = new Map<string, number>();
  const links = new Map<string, string>();
  const skipped: string[] = [];
  let files = 0;
  for await (const entry of readTar(archive, length)) {
    signal?.throwIfAborted();
    const name = safeName(entry.name);
    if (entry.type === 'special') {
      skipped.push(name);
    } else if (entry.type === 'directory') {
      await makeDirectories(root, name, made);
      // into one that its owner cannot enter or change nothing could be unpacked, nor could it be removed again
      if (Math.floor(entry.mode / 0o100) === 7) modes.set(name, entry.mode);
    } else {
      await makeDirectories(root, parentOf(name), made);
      if (name === '' || made.has(name) || links.has(name)) throw hostile(`${show(name)} is in it twice`);
      if (entry.type === 'link') {
        links.set(name, entry.target!);
      } else {
        await makeFile(archive, entry, name, root, made);
        made.set(name, 'file');
        files++;
      }
    }
  }
  // at last, so that nothing is written through a link
  for (const [name, target] of links) {
    // a directory that came later has taken its name
    if (made.has(name)) throw hostile(`${show(name)} is in it twice`);
    if (!leadsOut(name, links)) {
      await symlink(target, join(root, name));
    } else if (outsideLinks === 'skip') {
      skipped.push(name);
    } else {
      throw new TransferError('hostile', `the symbolic link ${show(name)} in the session leads to ${show(target)}, which is outside of the folder; `
        + 'copy without such links (--skip-links), or remove it');
    }
  }
  for (const [name, mode] of [...modes].reverse()) await chmod(join(root, name), mode);
  return { files, skipped };
}

/** A name from the root on; empty for the root itself. */
function safeName(name: string): string {
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  if (name.startsWith('/') || steps.includes('..') || name.includes('\0')) throw hostile(`${show(name)} lies outside of its folder`);
  if (process.platform === 'win32' && /[\\:]/.test(name)) throw hostile(`${show(name)} cannot be a name on this system`);
  return steps.join('/');
}

function parentOf(name: string): string {
  const parent = posix.dirname(name);
  return parent === '.' ? '' : parent;
}

async function makeDirectories(root: string, name: string, made: Map<string, 'file' | 'directory'>): Promise<void> {
  if (made.get(name) === 'directory') return;
  if (made.has(name)) throw hostile(`${show(name)} is both a file and a directory in it`);
  await makeDirectories(root, parentOf(name), made);
  await mkdir(join(root, name));
  made.set(name, 'directory');
}

async function makeFile(
  archive: FileHandle, { type, target, mode, position, size }: TarEntry, name: string, root: string, made: ReadonlyMap<string, string>,
): Promise<void> {
  const path = join(root, name);
  if (type === 'hardlink') {
    const original = safeName(target!);
    if (made.get(original) !== 'file') throw hostile(`${show(name)} is another name of ${show(original)}, which is not in it`);
    await copyFile(join(root, original), path, constants.COPYFILE_EXCL);
    return;
  }
  const file = await open(path, 'wx', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, 1024 * 1024));
    for (let done = 0; done < size;) {
      const { bytesRead } = await archive.read(buffer, 0, Math.min(buffer.length, size - done), position + done);
      if (bytesRead === 0) throw hostile('it breaks off');
      await file.writeFile(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}

function hostile(why: string): TransferError {
  return new TransferError('hostile', `the archive that came from the session is refused: ${why}`);
}
