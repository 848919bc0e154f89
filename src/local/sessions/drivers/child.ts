import { ChildProcess, ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { ComputeProcess } from '../driver';
import { openPipes } from './pipes';

/** A process of the host that stands for one inside a compute. */
export interface Child extends ComputeProcess {
  /** Undefined where it could not start. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended, whatever of its output is still unread; true if others of its group live on. */
  readonly ended: Promise<boolean>;
  /** Ends what is left of the process's group, also after its own end. */
  killRemains(): void;
}

export interface ChildOptions {
  readonly env: Record<string, string>;
  readonly cwd?: string;
  /** How to kill the group of a process that runs. */
  readonly killGroup?: (leader: number) => void;
}

/**
 * Text for `sh -c` that runs the words after the first in the directory that the first one names; so a program that
 * cannot start ends with 126 or 127 and a message, as in a shell.
 */
export const IN_DIRECTORY = 'cd "$0" && unset OLDPWD && exec "$@"';

/** Turns of the event loop without output after which nothing that was written before the end is still on its way. */
const QUIET_TURNS = 3;

/** Starts a process as the leader of a session and process group of its own. */
export function startChild(file: string, args: readonly string[], options: ChildOptions): Child {
  const { env, cwd, killGroup = (leader) => signalGroup(leader, 'SIGKILL') } = options;
  const pipes = openPipes();
  let child: ChildProcess;
  try {
    child = spawn(file, [...args], { env, cwd, detached: true, stdio: pipes.stdio });
  } catch (error) {
    // words that no process can receive: a null character, more bytes than the kernel takes
    for (const stream of Object.values(pipes.streams ?? {})) stream.destroy();
    throw error;
  } finally {
    pipes.release();
  }
  const { stdin, stdout, stderr } = pipes.streams ?? (child as ChildProcessWithoutNullStreams);
  // a program that does not read its input and ends is no error of the writer
  stdin.on('error', () => undefined);
  // whether the group's id is still ours: once the group is empty, it may become someone else's
  let groupLives = child.pid !== undefined;
  let running = groupLives;
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => {
      stdin.destroy();
      resolve(false);
    });
    child.once('exit', () => {
      stdin.destroy();
      running = false;
      groupLives = signalGroup(child.pid!, 0);
      resolve(groupLives);
    });
  });
  return {
    pid: child.pid,
    stdin,
    stdout,
    stderr,
    exit: exitOf(child, [stdout, stderr]),
    ended,
    kill: () => {
      if (running) killGroup(child.pid!);
    },
    killRemains: () => {
      if (groupLives) signalGroup(child.pid!, 'SIGKILL');
    },
  };
}

/** Sends a signal to every process of a group; false where there is none. */
function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pgid, signal);
  } catch (error) {
    // EPERM is what macOS says of a group of zombies
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function exitOf(child: ChildProcess, outputs: readonly Readable[]): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => {
      void Promise.all(outputs.map(drained))
        .then(() => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  });
}

/**
 * Resolves when the output that an ended process has left behind is read. A process that it left in the background may
 * keep the pipe open for as long as it likes, so the end of the stream is not what to wait for.
 */
async function drained(stream: Readable & { bytesRead?: number }): Promise<void> {
  let seen = stream.bytesRead;
  for (let quiet = 0; quiet < QUIET_TURNS && !stream.readableEnded && !stream.destroyed; quiet++) {
    if (!stream.readableFlowing) {
      await new Promise<void>((resolve) => {
        for (const event of ['resume', 'close']) stream.once(event, resolve);
      });
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (stream.bytesRead !== seen) quiet = -1;
    seen = stream.bytesRead;
  }
}
