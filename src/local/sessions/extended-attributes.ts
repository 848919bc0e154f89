import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { promisify } from 'node:util';

/** What the machine itself gives to files. */
const OWN_TO_THE_MACHINE = /^security\.(?!capability$)/;

const PROGRAM = 'getfattr';

/** Whether the program is here that tells extended attributes. */
export async function canReadAttributes(): Promise<boolean> {
  return promisify(execFile)(PROGRAM, ['--version']).then(() => true, () => false);
}

/** The paths, below their directory, of what has extended attributes; access control lists are among them. */
export async function pathsWithAttributes(directories: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const directory of directories) {
    // it complains of what vanishes meanwhile, and tells the rest
    const options = { maxBuffer: 2 ** 28, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
    const text = await promisify(execFile)(PROGRAM, ['--recursive', '--physical', '--no-dereference', '--absolute-names', '--match=-', directory], options)
      .then(({ stdout }) => stdout, (error: { stdout?: string }) => error.stdout ?? '');
    for (const block of text.split('\n\n')) {
      const [file, ...names] = block.trim().split('\n');
      if (file.startsWith('# file: ') && names.some((name) => !OWN_TO_THE_MACHINE.test(name))) found.push(relative(directory, file.slice(8)));
    }
  }
  return found;
}
