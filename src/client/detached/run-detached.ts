import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { parseFollowLine } from './follow-line';
import { endScript, followScript, ReadPosition, removeScript, startScript, waitScript } from './scripts';
import { CommandLine, composeCommandLine } from '../../service/command-line';
import { SYSTEM_CLOCK } from '../clock';
import { CommandNotStartedError, CommandOutcomeUnknownError, describeError } from '../errors';
import { OutputTail } from '../output-tail';
import { CommandResult, runCommand, RunCommandOptions } from '../run-command';
import { incompleteBytes } from '../utf8';

/** A command that goes on in its session whoever listens. */
export interface DetachedRun {
  readonly runtimeArn: string;
  readonly sessionId: string;
  readonly qualifier?: string;
  /** Tells this run from every other one of the session: letters, digits and hyphens. */
  readonly token: string;
}

/** How far a run has been followed; JSON, so that another process can go on from here. */
export interface FollowState extends ReadPosition {
  /** The end of what was read. */
  readonly tails: { readonly stdout: string; readonly stderr: string };
  readonly truncated: boolean;
}

export interface FollowOptions extends RunCommandOptions {
  /** From where to go on; from the beginning if left out. */
  readonly from?: FollowState;
  /** When to give back the state of a run that has not ended, in milliseconds since the epoch. */
  readonly until: number;
}

/** How long one call listens, in seconds: a lost connection costs no more than reading again what it had sent. */
const LISTEN_SECONDS = 240;

/** How much of that the script takes for its pauses; what it does in between takes time too. */
const PAUSING = 0.8;

/** How much longer than it was asked to a call may listen until the connection counts as lost, in seconds. */
const STALL_SECONDS = 3;

/** How many calls in a row may fail before the run counts as lost. */
const FAILURES = 8;

/**
 * Starts a command and returns as soon as it runs; calling it again for the same run starts nothing.
 *
 * @throws CommandNotStartedError where it was refused, or cannot run in that session
 * @throws CommandOutcomeUnknownError where it may have started; to follow it tells
 */
export async function startDetached(
  client: BedrockAgentCoreClient, run: DetachedRun, line: CommandLine, timeoutSeconds: number, options: RunCommandOptions = {},
): Promise<void> {
  const { exitCode, status, stdout, stderr } = await call(client, run, startScript(run.token, line, timeoutSeconds), 60, unheard(options));
  if (status !== 'COMPLETED') throw new CommandOutcomeUnknownError(run.sessionId, { stdout, stderr }, 'to start it took too long');
  if (exitCode !== 0) throw new CommandNotStartedError(run.sessionId, new Error(stderr.trim() || `exit code ${exitCode}`));
}

/** What is known of a run without reading what it has written. */
export type RunStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly secondsAgo: number }
  | { readonly kind: 'gone' };

/** Waits for the end of a run, for so many seconds at most. */
export async function waitDetached(
  client: BedrockAgentCoreClient, run: DetachedRun, seconds: number, options: RunCommandOptions = {},
): Promise<RunStatus> {
  const { stdout } = await call(client, run, waitScript(run.token, seconds), seconds + 60, unheard(options));
  const [, word, ago] = /^(running|gone|ended) ?(-?\d+)?$/.exec(stdout.trim()) ?? [];
  if (word === 'running' || word === 'gone') return { kind: word };
  if (word === 'ended') return { kind: word, secondsAgo: Math.max(0, Number(ago)) };
  throw new Error(`the session answered ${JSON.stringify(stdout.slice(0, 80))} where the status of a run was expected`);
}

/** Ends a run as its time-out would. */
export async function endDetached(client: BedrockAgentCoreClient, run: DetachedRun, options: RunCommandOptions = {}): Promise<void> {
  await call(client, run, endScript(run.token), 60, unheard(options));
}

/** Removes what a run has left in a session that goes on, and ends it where it has not ended. */
export async function removeDetached(client: BedrockAgentCoreClient, run: DetachedRun, options: RunCommandOptions = {}): Promise<void> {
  await call(client, run, removeScript(run.token), 60, unheard(options));
}

/**
 * Hands on the output of a run until the run ends or the time is up.
 *
 * @returns how the run ended, or the state from which to go on
 * @throws CommandOutcomeUnknownError when the session's machine is gone, and the run with it, or cannot be reached
 */
export async function followDetached(client: BedrockAgentCoreClient, run: DetachedRun, options: FollowOptions): Promise<CommandResult | FollowState> {
  const { clock = SYSTEM_CLOCK, until } = options;
  const reader = new FollowReader(run, options);
  for (let failures = 0; clock.now() < until;) {
    const before = reader.bytes;
    try {
      const seconds = Math.max(1, Math.min(LISTEN_SECONDS, Math.floor((until - clock.now()) / 1_000)));
      const listening = { ...unheard(options), onStdout: (text: string) => reader.take(text), signal: stallSignal(seconds, options.signal) };
      await call(client, run, followScript(run.token, reader.position, Math.ceil(seconds * PAUSING)), seconds + STALL_SECONDS, listening);
      failures = 0;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (reader.failure) throw reader.failure;
      failures = reader.bytes > before ? 0 : failures + 1;
      if (failures >= FAILURES) throw reader.lost(`it cannot be reached (${describeError(error)})`, error);
      options.onRetry?.(error, failures);
      await clock.sleep(Math.min(1_000 * 2 ** failures, 15_000), options.signal);
    } finally {
      reader.endCall();
    }
    if (reader.result) return reader.result;
  }
  return reader.state;
}

function call(
  client: BedrockAgentCoreClient, run: DetachedRun, script: string, timeoutSeconds: number, options: RunCommandOptions,
): Promise<CommandResult> {
  const { runtimeArn, sessionId, qualifier } = run;
  return runCommand(client, { runtimeArn, sessionId, qualifier, command: composeCommandLine({ command: script }), timeoutSeconds }, options);
}

/** For scripts whose output is not the command's. */
function unheard(options: RunCommandOptions): RunCommandOptions {
  return { ...options, onStdout: undefined, onStderr: undefined };
}

/** A connection can break without any sign of it; nobody would hand over in time then. */
function stallSignal(seconds: number, signal?: AbortSignal): AbortSignal {
  const stalled = AbortSignal.timeout((seconds + STALL_SECONDS) * 1_000);
  return signal ? AbortSignal.any([signal, stalled]) : stalled;
}

type Stream = 'stdout' | 'stderr';

/** Puts the lines of one call after the other together to the output of the run. */
class FollowReader {
  public result?: CommandResult;
  /** Set where to listen again would not help. */
  public failure?: Error;
  private readonly read: Record<Stream, number>;
  private readonly tails: Record<Stream, OutputTail>;
  /** The beginnings of characters whose rest has not come yet. */
  private readonly begun: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  private readonly startedAt: number;
  private line = '';

  constructor(private readonly run: DetachedRun, private readonly options: FollowOptions) {
    const { from, keepCharacters = 65_536, clock = SYSTEM_CLOCK } = options;
    this.read = { stdout: from?.stdout ?? 0, stderr: from?.stderr ?? 0 };
    this.tails = { stdout: new OutputTail(keepCharacters), stderr: new OutputTail(keepCharacters) };
    for (const stream of ['stdout', 'stderr'] as const) this.tails[stream].append(from?.tails[stream] ?? '');
    this.startedAt = clock.now();
  }

  public get position(): ReadPosition {
    return { ...this.read };
  }

  public get bytes(): number {
    return this.read.stdout + this.read.stderr;
  }

  public get state(): FollowState {
    const { stdout, stderr } = this.begun;
    const position = { stdout: this.read.stdout - stdout.length, stderr: this.read.stderr - stderr.length };
    return { ...position, tails: { stdout: this.tails.stdout.text, stderr: this.tails.stderr.text }, truncated: this.truncated };
  }

  /** A lost connection may end in the middle of a line, which the next call sends again. */
  public endCall(): void {
    this.line = '';
  }

  public async take(text: string): Promise<void> {
    const lines = (this.line + text).split('\n');
    this.line = lines.pop()!;
    for (const line of lines) {
      await this.takeLine(line).catch((error) => {
        this.failure = error;
        throw error;
      });
    }
  }

  public lost(why: string, cause?: unknown): CommandOutcomeUnknownError {
    return new CommandOutcomeUnknownError(this.run.sessionId, this.state.tails, why, cause);
  }

  private async takeLine(line: string): Promise<void> {
    const said = parseFollowLine(line);
    switch (said.kind) {
      case 'stdout':
      case 'stderr': return this.takeBytes(said.kind, said.bytes);
      case 'ended': return this.end(said.exitCode, 'COMPLETED');
      case 'timed out': return this.end(-1, 'TIMED_OUT');
      case 'gone': throw this.lost('the machine of its session is gone, and the command with it');
    }
  }

  private async takeBytes(stream: Stream, bytes: Buffer): Promise<void> {
    this.read[stream] += bytes.length;
    const all = Buffer.concat([this.begun[stream], bytes]);
    const whole = all.length - incompleteBytes(all);
    this.begun[stream] = all.subarray(whole);
    await this.handOn(stream, all.subarray(0, whole));
  }

  private async handOn(stream: Stream, bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const text = bytes.toString('utf8');
    this.tails[stream].append(text);
    await (stream === 'stdout' ? this.options.onStdout : this.options.onStderr)?.(text);
  }

  private async end(exitCode: number, status: CommandResult['status']): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) await this.handOn(stream, this.begun[stream]);
    const { clock = SYSTEM_CLOCK } = this.options;
    const { tails, truncated } = this.state;
    this.result = { exitCode, status, ...tails, truncated, sessionId: this.run.sessionId, durationMillis: clock.now() - this.startedAt };
  }

  private get truncated(): boolean {
    return (this.options.from?.truncated ?? false) || this.tails.stdout.truncated || this.tails.stderr.truncated;
  }
}
