import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** The words of its command line, with spaces between them. */
  readonly commandLine: string;
}

/** The processes of this machine that have a command line; small installations of Linux have no `ps`. */
export function processes(): RunningProcess[] {
  return existsSync('/proc/self/cmdline') ? ofProc() : ofPs();
}

/** The command lines of all processes of this machine. */
export function commandLines(): string[] {
  return processes().map(({ commandLine }) => commandLine);
}

function ofProc(): RunningProcess[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const commandLine = readIfThere(`/proc/${name}/cmdline`).replace(/\0+$/, '').replaceAll('\0', ' ');
    return commandLine === '' ? [] : [{ pid: Number(name), commandLine }];
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // it has ended meanwhile
    return '';
  }
}

function ofPs(): RunningProcess[] {
  const text = execFileSync('ps', ['-axww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return text.trim().split('\n').map((line) => /^\s*(\d+) (.*)$/.exec(line)).flatMap((found) => (found ? [{ pid: Number(found[1]), commandLine: found[2] }] : []));
}
