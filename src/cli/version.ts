import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package: the bundle lies three directories below the package's root. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string };
  return version;
}
