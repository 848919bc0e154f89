import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const TEMPORARY = '.partial-';

/** A name next to a file under which it can be written before it takes its place. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${TEMPORARY}${basename(path)}-${randomUUID()}`);
}

/** Whether a path is such a name of a file. */
export function isTemporaryOf(path: string, candidate: string): boolean {
  return basename(candidate).startsWith(`${TEMPORARY}${basename(path)}-`);
}

/** Replaces a file as a whole: after this returns the new content survives a crash, and at no time is half of it seen. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory survive a crash; does nothing where directories cannot be synchronised. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows does not open directories
  const directory = await open(path, 'r').catch(() => undefined);
  if (!directory) return;
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Removes what interrupted writes of a file, or of any file, left in a directory. */
export async function removeTemporaries(directory: string, file = ''): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(TEMPORARY + file)) await rm(join(directory, name), { recursive: true, force: true });
  }
}
