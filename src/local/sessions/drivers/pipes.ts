import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { startTimeOf } from './process-table';

/** Of the directories in which pipes have a name for a moment; then comes the id of the process that makes them. */
const PREFIX = 'agentcore-pipes-';

/** The ends of a program's input, output and error output. */
export interface Pipes {
  /** What to give to `spawn`. */
  readonly stdio: ['pipe', 'pipe', 'pipe'] | [number, number, number];
  /** Our ends; absent where `spawn` makes them. */
  readonly streams?: { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable };
  /** To be called once the program has its ends. */
  release(): void;
}

/**
 * Pipes for a program to be started.
 *
 * What Node itself makes are sockets, and those cannot be opened by name on Linux: `echo x > /dev/stderr` would fail.
 */
export function openPipes(): Pipes {
  if (process.platform !== 'linux') return { stdio: ['pipe', 'pipe', 'pipe'], release: () => undefined };
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    const paths = ['stdin', 'stdout', 'stderr'].map((name) => join(directory, name));
    execFileSync('mkfifo', ['-m', '666', ...paths]);
    // opening an end waits for the other one, unless it is a reader that is told not to
    const readers = paths.map((path) => openSync(path, constants.O_RDONLY + constants.O_NONBLOCK));
    const writers = paths.map((path) => openSync(path, constants.O_WRONLY));
    // the program's end must block; the first reader has only let the writer in
    const stdin = openSync(paths[0], constants.O_RDONLY);
    closeSync(readers[0]);
    const theirs: [number, number, number] = [stdin, writers[1], writers[2]];
    return {
      stdio: theirs,
      streams: {
        stdin: new Socket({ fd: writers[0], readable: false, writable: true }),
        stdout: new Socket({ fd: readers[1], readable: true, writable: false }),
        stderr: new Socket({ fd: readers[2], readable: true, writable: false }),
      },
      release: () => theirs.forEach((fd) => closeSync(fd)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Removes the directories that processes of ours have left which were killed just then. */
export function sweepStalePipes(directory = tmpdir()): void {
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (owner === process.pid || (owner > 0 && startTimeOf(owner) !== undefined)) continue;
    try {
      rmSync(join(directory, name), { recursive: true, force: true });
    } catch (error) {
      // another user's, who is to sweep it
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
