import { Readable } from 'node:stream';
import { ServiceError } from '../service-error';
import { CommandEnd, CommandSink } from './contract';
import { Compute } from './driver';
import { onEnd } from './on-end';

export interface CommandRun {
  readonly argv: readonly string[];
  readonly timeoutSeconds: number;
  readonly sink: CommandSink;
  /** Ends the command; the run then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one command to its end, or to that of its time, and hands on its output meanwhile. Its input is a pipe that never
 * ends. Throws RuntimeClientError where the compute ends under it.
 */
export async function runCommand(compute: Compute, { argv, timeoutSeconds, sink, signal }: CommandRun): Promise<CommandEnd> {
  signal?.throwIfAborted();
  const process = compute.exec(argv);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    process.kill();
  }, timeoutSeconds * 1000);
  let giveUp!: (reason: unknown) => void;
  const givenUp = new Promise<never>((_, reject) => { giveUp = reject; });
  // it may come to be rejected when the race is over, or before there is one
  givenUp.catch(() => undefined);
  const forget = onEnd(compute, () => giveUp(sessionEnded()));
  const abort = () => giveUp(signal!.reason);
  signal?.addEventListener('abort', abort);
  try {
    sink.onStart();
    pump(process.stdout, (chunk) => sink.onStdout(chunk), giveUp);
    pump(process.stderr, (chunk) => sink.onStderr(chunk), giveUp);
    const exitCode = await Promise.race([process.exit, givenUp]);
    return timedOut ? { exitCode: -1, status: 'TIMED_OUT' } : { exitCode, status: 'COMPLETED' };
  } finally {
    clearTimeout(timer);
    forget();
    signal?.removeEventListener('abort', abort);
    process.kill();
    // what it has left in the background may go on writing without anyone listening
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('data').resume();
  }
}

/** What a command's caller is told when the session goes away under it. */
export function sessionEnded(): ServiceError {
  return new ServiceError('RuntimeClientError', 'session ended while the command ran; its outcome is unknown');
}

/** Hands chunks on one after the other; while one is pending the stream stands still, and so in time does the writer. */
function pump(stream: Readable, take: (chunk: Buffer) => void | Promise<void>, fail: (reason: unknown) => void): void {
  stream.on('error', fail);
  stream.on('data', (chunk: Buffer) => {
    try {
      const pending = take(chunk);
      if (pending === undefined) return;
      stream.pause();
      pending.then(() => stream.resume(), fail);
    } catch (error) {
      fail(error);
    }
  });
}
