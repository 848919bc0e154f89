import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface ZipEntry {
  readonly name: string;
  readonly content?: string;
  readonly mode?: number;
}

/** A zip file with the given entries. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, content = '', mode = 0o100644 } of entries) {
    if (name.endsWith('/')) zip.addEmptyDirectory(name, { mode });
    else zip.addBuffer(Buffer.from(content), name, { mode });
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

/** A zip file whose entry has a name that a zip writer would refuse; both names have the same length. */
export async function zipWithName(safe: string, name: string): Promise<Buffer> {
  const zip = await zipOf([{ name: safe, content: 'x' }]);
  return Buffer.from(zip.toString('latin1').replaceAll(safe, name), 'latin1');
}
