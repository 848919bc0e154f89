import { lstat, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { localError, show, TransferError } from './errors';
import { partialPrefix } from './partial-name';

/** Where a download goes on this machine. */
export interface LocalPlace {
  readonly target: string;
  /** What its partial files begin with, the key of the content excepted; beside the target, so that renaming is one step. */
  readonly prefix: string;
}

/**
 * Where something of a name goes, as with `cp -r`: into a directory that is there, else under the path given.
 *
 * @param name of what is copied; empty where its content is meant
 */
export async function localPlace(path: string, name: string, kind: 'file' | 'folder'): Promise<LocalPlace> {
  const given = await statOrNone(path);
  if (given === undefined && kind === 'file' && /[/\\]\.?$/.test(path)) throw new TransferError('missing', `local directory ${show(path)} is not there; make it first`);
  const target = given?.isDirectory() && name !== '' ? join(resolve(path), name) : resolve(path);
  const directory = dirname(target);
  const parent = await statOrNone(directory);
  if (!parent?.isDirectory()) throw new TransferError('missing', `local directory ${show(directory)} to copy into is not there; make it first`);
  const there = await statOrNone(target);
  if (kind === 'file' && there?.isDirectory()) throw new TransferError('kind', `local ${show(target)} is a directory, which a file cannot replace`);
  if (kind === 'file' && there && !there.isFile()) throw new TransferError('kind', `local ${show(target)} is no regular file, so it is not replaced`);
  if (kind === 'folder' && there && !there.isDirectory()) throw new TransferError('kind', `local ${show(target)} is not a directory, so a folder cannot be put there`);
  return { target, prefix: join(directory, partialPrefix(basename(target))) };
}

async function statOrNone(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw localError(error, path);
  }
}

/** Removes what earlier copies of other content to this place have left. */
export async function removeStale({ prefix }: LocalPlace, key: string): Promise<void> {
  const directory = dirname(prefix);
  const begins = basename(prefix);
  for (const name of await readdir(directory)) {
    if (name.startsWith(begins) && !name.startsWith(`${begins}${key}.`)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** Puts a folder under its name: in one step where nothing is there, else file by file, never through a link. */
export async function placeFolder(made: string, target: string): Promise<void> {
  if (await lstat(target).then(() => false, () => true)) {
    await rename(made, target);
    return;
  }
  await merge(made, target, 'look');
  await merge(made, target, 'move');
}

async function merge(from: string, to: string, act: 'look' | 'move'): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, place] = [`${from}${sep}${entry.name}`, `${to}${sep}${entry.name}`];
    const there = await lstat(place).catch(() => undefined);
    // a link to a directory is not followed: it may lead anywhere
    if (there !== undefined && entry.isDirectory() !== there.isDirectory()) {
      throw new TransferError('kind', `local ${show(place)} is ${there.isDirectory() ? 'a directory' : 'no directory'} where the copy has ${entry.isDirectory() ? 'one' : 'none'}; `
        + 'nothing was replaced: remove it and copy again');
    }
    if (there?.isDirectory()) await merge(source, place, act);
    else if (act === 'move') await rename(source, place);
  }
  if (act === 'move') await rmdir(from);
}

/** A directory that is empty and only ours. */
export async function freshDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: 0o777 });
}
