import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that a test takes of the machine beyond Node.js, git and the tools of POSIX. */
export interface Need {
  /** What is to be read in the title of a test that is skipped, such as `getfattr is not installed`. */
  readonly lack: string;
  readonly isMet: boolean;
}

export const LINUX: Need = { lack: `this is ${process.platform}, not Linux`, isMet: process.platform === 'linux' };
export const ROOT: Need = { lack: 'the user is not root', isMet: process.getuid?.() === 0 };

/** Whether there is a program of that name on the PATH. */
export function isInstalled(name: string, path = process.env.PATH ?? ''): boolean {
  return path.split(delimiter).filter(Boolean).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return statSync(join(directory, name)).isFile();
    } catch {
      return false;
    }
  });
}

/** What is missing first among needs, each of which is one or the name of a program; undefined if all are met. */
export function lackOf(needs: readonly (Need | string)[]): string | undefined {
  return needs
    .map((need) => (typeof need === 'string' ? { lack: `${need} is not installed`, isMet: isInstalled(need) } : need))
    .find(({ isMet }) => !isMet)?.lack;
}

function titleOf(title: string, lack: string): string {
  return `${title} (skipped: ${lack})`;
}

/** A test that is skipped if the machine lacks something; its title then names what. */
export function testWith(needs: readonly (Need | string)[], title: string, body: () => unknown, timeout?: number): void {
  const lack = lackOf(needs);
  if (lack === undefined) test(title, async () => { await body(); }, timeout);
  else test.skip(titleOf(title, lack), async () => { await body(); }, timeout);
}

/** A group of tests that are skipped if the machine lacks something; the title of the group then names what. */
export function describeWith(needs: readonly (Need | string)[], title: string, tests: () => void): void {
  const lack = lackOf(needs);
  if (lack === undefined) describe(title, tests);
  else describe.skip(titleOf(title, lack), tests);
}
