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
  const pipes = [takePipe(), takePipe(), takePipe()];
  const end = (n: number, flags: number) => openSync(`/proc/self/fd/${pipes[n]}`, flags);
  try {
    // the program's ends block, as it expects
    const theirs: [number, number, number] = [end(0, constants.O_RDONLY), end(1, constants.O_WRONLY), end(2, constants.O_WRONLY)];
    return {
      stdio: theirs,
      streams: {
        stdin: new Socket({ fd: end(0, constants.O_WRONLY), readable: false, writable: true }),
        stdout: new Socket({ fd: end(1, constants.O_RDONLY + constants.O_NONBLOCK), readable: true, writable: false }),
        stderr: new Socket({ fd: end(2, constants.O_RDONLY + constants.O_NONBLOCK), readable: true, writable: false }),
      },
      release: () => theirs.forEach((fd) => closeSync(fd)),
    };
  } finally {
    pipes.forEach((fd) => closeSync(fd));
  }
}

/** How many pipes are made at a time: that takes a program of its own, for which everything waits. */
const BATCH = 48;

/** Pipes that are open at both ends, and have no name any more. */
const spare: number[] = [];

/** How many pipes are there for the next programs, each a descriptor of this process. */
export function pipesInStock(): number {
  return spare.length;
}

function takePipe(): number {
  if (spare.length === 0) spare.push(...makePipes());
  return spare.pop()!;
}

function makePipes(): number[] {
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    const paths = Array.from({ length: BATCH }, (_, n) => join(directory, String(n)));
    execFileSync('mkfifo', ['-m', '666', ...paths]);
    // both ends at once, because opening one of them waits for the other
    return paths.map((path) => openSync(path, constants.O_RDWR));
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
