import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip } from '../../unzip';
import { ObjectLocation } from '../assembly/assets';
import { AssetLookup } from '../assembly/locations';

/**
 * What Lambda takes as code, unpacked.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_UNPACKED_BYTES = 250 * 1024 * 1024;

/**
 * The code of the deployed functions, kept beside the stacks' states: a roll-back and the deletion of a stack need it
 * after the assembly has changed or gone.
 */
export class CodeStore {
  constructor(private readonly directory: string) {}

  /**
   * Takes over the code of an asset.
   *
   * @returns the key under which `directoryOf` finds it
   */
  public async addAsset(location: ObjectLocation, find: AssetLookup): Promise<string> {
    const key = keyOf(`s3://${location.bucket}/${location.key}`);
    // asset keys are hashes of the content: what is here already is the same
    if (existsSync(this.directoryOf(key))) return key;
    const asset = find(location);
    if (!asset) {
      throw new Error(`the assembly has no file asset for s3://${location.bucket}/${location.key}; only code that comes with the assembly runs locally`);
    }
    await this.add(key, async (target) => {
      if ((await stat(asset.path)).isDirectory()) await cp(asset.path, target, { recursive: true, verbatimSymlinks: true });
      else await unzip(asset.path, target, MAX_UNPACKED_BYTES);
    });
    return key;
  }

  /** Takes over code that stands in the template itself. */
  public async addInline(source: string): Promise<string> {
    const key = keyOf(`inline:${source}`);
    if (!existsSync(this.directoryOf(key))) {
      await this.add(key, async (target) => {
        await mkdir(target);
        await writeFile(join(target, 'index.js'), source);
      });
    }
    return key;
  }

  public directoryOf(key: string): string {
    return join(this.directory, key);
  }

  /** Removes all code; to be called where no stack is left. */
  public async clear(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Fills a directory beside its final place, so that no half-filled one is ever found there. */
  private async add(key: string, fill: (directory: string) => Promise<void>): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const temporary = this.directoryOf(`${key}.${randomBytes(6).toString('hex')}`);
    try {
      await fill(temporary);
      await rename(temporary, this.directoryOf(key)).catch((error: NodeJS.ErrnoException) => {
        // another function with the same code was faster
        if (!['ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
      });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}

function keyOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex').slice(0, 32);
}
