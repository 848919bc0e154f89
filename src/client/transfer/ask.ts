import { show, TransferError, TransferFault, remoteError } from './errors';
import { isUnknown, runListening, TransferSession } from './session';
import { COMMAND_TIMEOUT_SECONDS } from '../../service/command';
import { Clock, SYSTEM_CLOCK } from '../clock';
import { retry } from '../retry';

/** What all steps of a transfer share. */
export interface TransferContext {
  readonly session: TransferSession;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** What a script says on standard error where an archive is not complete. */
export const CANNOT_PACK = 'agentcore: cannot pack';

/** The most that the answer to one script may hold, in characters. */
const MAX_ANSWER = 64 * 1024 * 1024;

/** How often a script is run whose outcome is unknown: all scripts of a transfer may be repeated. */
export const ATTEMPTS = 5;
export const PAUSES = { firstPauseMillis: 250, longestPauseMillis: 4_000 } as const;

/** What the words mean that a script says after `fault:`. */
const FAULTS: Readonly<Record<string, readonly [TransferFault, (rest: string, path: string) => string]>> = {
  tools: ['tools', (rest) => `the image of the session lacks ${rest.trim().split(' ').join(', ')}, which copying needs; add it to the image`],
  missing: ['missing', (_, path) => `the session has no ${show(path)}`],
  noparent: ['missing', (rest, path) => `the session has no directory ${show(rest.trim() || path)} to copy into; make it first, as with \`run -- mkdir -p\``],
  notdirectory: ['kind', (_, path) => `${show(path)} in the session is not a directory`],
  isdirectory: ['kind', (_, path) => `${show(path)} in the session is a directory, which a file cannot replace`],
  special: ['kind', (_, path) => `${show(path)} in the session is neither a file nor a directory`],
  conflict: ['kind', (rest) => `${show(rest.trim())} in the session is a directory where a file is copied, or the other way round; nothing was replaced: remove it and copy again`],
  denied: ['denied', (_, path) => `the session may not read or write ${show(path)}`],
  damaged: ['damaged', (_, path) => `what arrived for ${show(path)} has another checksum than what was sent, and was removed; copy again`],
  gone: ['gone', (_, path) => `what had been copied for ${show(path)} has gone from the session: its machine was replaced, or another copy to the same place began; copy again, and `
    + 'into session storage if it is to outlive the machine'],
};

export interface AskOptions {
  /** What messages call it, after "could not". */
  readonly doing: string;
  /** The path that it is about. */
  readonly path: string;
}

/** Runs a script that may be repeated and gives what it printed; a script says `fault:word` where it cannot do its work. */
export async function ask({ session, signal, clock = SYSTEM_CLOCK }: TransferContext, script: string, { doing, path }: AskOptions): Promise<string> {
  return retry(async () => {
    signal?.throwIfAborted();
    let stdout = '';
    const { exitCode, stderr } = await runListening(session, script, {
      signal,
      timeoutSeconds: COMMAND_TIMEOUT_SECONDS.max,
      onStdout: (text) => {
        stdout += text;
        if (stdout.length > MAX_ANSWER) throw new TransferError('failed', `could not ${doing}: the answer has more than ${MAX_ANSWER} characters`);
      },
    });
    throwFault(stdout, path);
    if (exitCode !== 0 || stderr.includes(CANNOT_PACK)) throw remoteError(doing, exitCode, stderr);
    return stdout;
  }, { clock, signal, attempts: ATTEMPTS, ...PAUSES, retryable: isUnknown }).catch((error) => {
    signal?.throwIfAborted();
    throw error;
  });
}

function throwFault(stdout: string, path: string): void {
  const [, name, rest] = /^fault:([a-z]+)(.*)$/m.exec(stdout) ?? [];
  if (name === undefined) return;
  const [fault, words] = FAULTS[name] ?? ['failed', () => `the session refuses to copy ${show(path)}: ${name}`];
  throw new TransferError(fault, words(rest, path));
}

/** The value of a line `key value` of a script's answer. */
export function lineOf(answer: string, key: string): string | undefined {
  return new RegExp(`^${key} (.*)$`, 'm').exec(answer)?.[1].trim();
}

/** The whole number of such a line; throws where there is none. */
export function numberOf(answer: string, key: string): number {
  const text = lineOf(answer, key);
  if (text === undefined || !/^\d+$/.test(text)) throw new TransferError('failed', `the session answered ${show(answer)} where a line "${key} <number>" was expected`);
  return Number(text);
}
