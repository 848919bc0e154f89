import { CommandResult, OutputListener, ResultOptions, StreamTexts } from './api/command';
import { check } from './compose-run';
import { CommandResult as BareResult } from './run-command';
import { WholeCharacters } from './whole-characters';

/** How much of each stream a result keeps, from its end, in bytes. */
const BUFFER_BYTES = 65_536;

/** How much of the beginning is kept of a stream that is too long, in characters. */
const HEAD_CHARACTERS = 4_096;

/** One stream of a command: hands it on, counts it, keeps its beginning. */
class StreamWatch {
  public head = '';
  public characters = 0;
  private readonly whole = new WholeCharacters();

  constructor(private readonly listener: OutputListener | undefined) {}

  public take(text: string): void | Promise<void> {
    this.characters += text.length;
    if (this.head.length < HEAD_CHARACTERS) this.head += text.slice(0, HEAD_CHARACTERS - this.head.length);
    return this.listener && this.tell(this.whole.take(text));
  }

  public end(): void | Promise<void> {
    return this.listener && this.tell(this.whole.end());
  }

  private tell(text: string): void | Promise<void> {
    return text === '' ? undefined : this.listener!(text);
  }
}

/** What becomes of the output of one command: its listeners, and its part of the result, in constant memory. */
export class RunOutput {
  /** What a listener has thrown. */
  public failure?: { readonly error: unknown };
  private readonly limit: number;
  private readonly stdout: StreamWatch;
  private readonly stderr: StreamWatch;

  /** @throws InvalidInputError for a size that is none */
  constructor(options: ResultOptions, private readonly signal?: AbortSignal) {
    const { maxBufferBytes: limit = BUFFER_BYTES } = options;
    check(Number.isInteger(limit) && limit >= 0 ? [] : [`maxBufferBytes of ${limit} is not a whole number from 0`]);
    this.limit = limit;
    this.stdout = new StreamWatch(options.onStdout);
    this.stderr = new StreamWatch(options.onStderr);
  }

  /** How the output is read, as `runCommand` takes it. */
  public get reading() {
    return {
      // no character takes less than a byte
      keepCharacters: Math.max(1, this.limit),
      onStdout: (text: string) => this.told(() => this.stdout.take(text)),
      onStderr: (text: string) => this.told(() => this.stderr.take(text)),
    };
  }

  /** What the caller is told of the command's end, once the listeners have all of its output. */
  public async resultOf(bare: BareResult, requestId?: string): Promise<CommandResult> {
    await this.told(() => this.stdout.end());
    await this.told(() => this.stderr.end());
    const timedOut = bare.status === 'TIMED_OUT';
    const exitCode = timedOut || bare.exitCode < 0 ? undefined : bare.exitCode;
    const kept = { stdout: lastBytes(bare.stdout, this.limit), stderr: lastBytes(bare.stderr, this.limit) };
    const characters = { stdout: this.stdout.characters, stderr: this.stderr.characters };
    return {
      exitCode,
      ok: exitCode === 0,
      timedOut,
      status: bare.status,
      ...kept,
      truncated: kept.stdout.length < characters.stdout || kept.stderr.length < characters.stderr,
      head: {
        stdout: kept.stdout.length < characters.stdout ? this.stdout.head : '',
        stderr: kept.stderr.length < characters.stderr ? this.stderr.head : '',
      },
      characters,
      sessionId: bare.sessionId,
      durationMillis: bare.durationMillis,
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  /** Without a promise where the listener gives none: for each piece of long output it would cost more than all the rest. */
  private told(tell: () => void | Promise<void>): void | Promise<void> {
    try {
      const telling = tell();
      return telling && (this.signal ? untilAborted(telling, this.signal) : telling).catch((error) => this.fail(error));
    } catch (error) {
      return this.fail(error);
    }
  }

  private fail(error: unknown): never {
    this.failure ??= { error };
    throw error;
  }
}

/** The same result with less of its output. */
export function shortened(result: CommandResult, bytes: number): CommandResult {
  const kept: StreamTexts = { stdout: lastBytes(result.stdout, bytes), stderr: lastBytes(result.stderr, bytes) };
  const isCut = kept.stdout.length < result.stdout.length || kept.stderr.length < result.stderr.length;
  return isCut ? { ...result, ...kept, truncated: true } : result;
}

/** The end of a text that takes so many bytes of UTF-8 at most; never begins within a character. */
function lastBytes(text: string, limit: number): string {
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text);
  let from = bytes.length - limit;
  // the bytes that only go on with a character
  while (bytes[from] >= 0x80 && bytes[from] < 0xc0) from++;
  return bytes.toString('utf8', from);
}

/** A listener that never comes back must not hold up who has given up. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => { onAbort = () => reject(signal.reason); });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
