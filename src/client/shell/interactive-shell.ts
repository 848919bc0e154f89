import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { ConnectionError } from '../api/errors';
import { AgentShell, ShellEnd, ShellOptions } from '../api/shell';
import { Clock, SYSTEM_CLOCK } from '../clock';
import { check } from '../compose-run';
import { errorOf } from '../error-of';
import { retry, UNTIL_STARTED } from '../retry';
import { ShellClosure, ShellConnection } from './connection';
import { openShellSocket, ShellPlace } from './open-socket';
import { Pace } from './pace';
import { isColdStart, isRetryable } from '../../service/errors';
import { isShellRefusal, isShellResumable, SHELL_CLOSE, validateShellId, validateTerminalSize } from '../../service/shell';
import { encodeResize, encodeShellFrame, SHELL_CHANNEL, shellFramesOf } from '../../service/shell-frames';

/** A lost connection is made anew as long as these pauses take: about four minutes. */
const UNTIL_BACK = { attempts: 20, firstPauseMillis: 500, longestPauseMillis: 15_000 } as const;

/** An interactive shell, over as many connections as it takes. */
export class InteractiveShell implements AgentShell {
  /** Opens a shell of a session; see `AgentSession.openShell`. */
  public static async open(client: BedrockAgentCoreClient, place: Omit<ShellPlace, 'shellId'>, options: ShellOptions, clock = SYSTEM_CLOCK): Promise<InteractiveShell> {
    const { shellId = randomUUID(), columns = 80, rows = 24, signal } = options;
    check([...validateShellId(shellId), ...validateTerminalSize(columns, rows)]);
    signal?.throwIfAborted();
    const shell = new InteractiveShell(client, { ...place, shellId }, { columns, rows }, options, clock);
    try {
      const connection = await retry(async () => shell.connect(), { ...UNTIL_STARTED, clock, signal, retryable: isWorthAnother });
      await shell.begin(connection);
      return shell;
    } catch (error) {
      signal?.throwIfAborted();
      throw errorOf(error, `no shell could be opened in session ${place.sessionId}`);
    }
  }

  public readonly ended: Promise<ShellEnd>;
  public resumed = false;
  private begun!: (end: Promise<ShellEnd>) => void;
  private connection: ShellConnection | undefined;
  /** Resolves when there is a connection, or never will be one again. */
  private connected: { readonly promise: Promise<void>; readonly resolve: () => void };
  private readonly givenUp = new AbortController();
  private leaving: 'closed' | 'left' | undefined;
  private typing: Promise<void> = Promise.resolve();
  private readonly pace: Pace;

  private constructor(
    private readonly client: BedrockAgentCoreClient,
    private readonly place: ShellPlace,
    private size: { readonly columns: number; readonly rows: number },
    private readonly options: ShellOptions,
    private readonly clock: Clock,
  ) {
    this.ended = new Promise((resolve) => { this.begun = resolve; });
    // whoever does not ask how it ended need not hear of it
    this.ended.catch(() => undefined);
    this.connected = pending();
    this.pace = new Pace(clock);
  }

  public get shellId(): string {
    return this.place.shellId;
  }

  public async write(input: string | Uint8Array): Promise<void> {
    const bytes = typeof input === 'string' ? Buffer.from(input) : input;
    const mine = this.typing.then(async () => {
      for (const frame of shellFramesOf(SHELL_CHANNEL.stdin, bytes)) await this.send(frame);
    });
    this.typing = mine;
    await mine;
  }

  public resize(columns: number, rows: number): void {
    check(validateTerminalSize(columns, rows));
    this.size = { columns, rows };
    void this.connection?.send(encodeResize(columns, rows));
  }

  public async close(): Promise<void> {
    this.leaving ??= 'closed';
    await this.connection?.send(encodeShellFrame(SHELL_CHANNEL.close));
    await this.hangUp(SHELL_CLOSE.normal);
  }

  public async leave(): Promise<void> {
    this.leaving ??= 'left';
    await this.hangUp(SHELL_CLOSE.goingAway);
  }

  private async hangUp(code: number): Promise<void> {
    this.givenUp.abort(new Error('the shell was left'));
    this.connection?.close(code);
    await this.ended.catch(() => undefined);
  }

  /** Waits for a connection where there is none; does nothing where there never will be one again. */
  private async send(frame: Buffer): Promise<void> {
    await this.pace.take();
    await this.connected.promise;
    await this.connection?.send(frame);
  }

  private async connect(): Promise<ShellConnection> {
    const { onOutput, onNotice, signal } = this.options;
    const stop = signal ? AbortSignal.any([signal, this.givenUp.signal]) : this.givenUp.signal;
    const socket = await openShellSocket(this.client, this.place, stop);
    return new ShellConnection(socket, { output: (bytes) => onOutput?.(bytes), notice: (text) => onNotice?.(text) });
  }

  private async begin(first: ShellConnection): Promise<void> {
    const { signal } = this.options;
    const leave = () => void this.leave();
    signal?.addEventListener('abort', leave, { once: true });
    this.takeUp(first);
    this.begun(this.follow(first).finally(() => {
      signal?.removeEventListener('abort', leave);
      this.connection = undefined;
      this.connected.resolve();
    }));
    this.resumed = await first.resumed;
    if (signal?.aborted) leave();
  }

  private takeUp(connection: ShellConnection): void {
    this.connection = connection;
    void connection.send(encodeResize(this.size.columns, this.size.rows));
    this.connected.resolve();
  }

  /** Reads one connection after the other until one ends for good. */
  private async follow(first: ShellConnection): Promise<ShellEnd> {
    for (let connection = first; ;) {
      const closure = await connection.closed;
      const end = this.endOf(closure);
      if (end) return end;
      this.connection = undefined;
      this.connected = pending();
      this.options.onDisconnect?.(describeClosure(closure));
      const again = await this.reconnect();
      if (!again) return { how: this.leaving!, exitCode: undefined, message: '' };
      connection = again;
      this.takeUp(connection);
      this.options.onReconnect?.({ resumed: await connection.resumed });
    }
  }

  /** Undefined where the connection alone has ended. */
  private endOf({ end, code, reason, failure }: ShellClosure): ShellEnd | undefined {
    if (failure) throw failure.error;
    if (this.leaving === 'closed') return { how: 'closed', exitCode: undefined, message: '' };
    if (end) return end;
    if (this.leaving) return { how: this.leaving, exitCode: undefined, message: '' };
    if (code === SHELL_CLOSE.replaced) return { how: 'replaced', exitCode: undefined, message: reason };
    if (code === SHELL_CLOSE.normal) return { how: 'exited', exitCode: undefined, message: reason };
    if (isShellResumable(code)) return undefined;
    throw this.lost(`the service has closed the connection (${describeClosure({ code, reason })})`);
  }

  /** Undefined where the shell was left meanwhile. */
  private async reconnect(): Promise<ShellConnection | undefined> {
    try {
      return await retry(async () => this.connect(), { ...UNTIL_BACK, clock: this.clock, signal: this.givenUp.signal, retryable: isPassing });
    } catch (error) {
      if (this.leaving) return undefined;
      throw this.lost('the connection was lost and could not be made again', errorOf(error, 'the last try failed'));
    }
  }

  private lost(message: string, cause?: unknown): ConnectionError {
    const { sessionId, shellId } = this.place;
    return new ConnectionError(`${message}${cause instanceof Error ? `; ${cause.message}` : ''}`, {
      retryable: false,
      mayHaveRun: true,
      cause,
      nextStep: `Connect again to shell ${shellId} of session ${sessionId}; it may go on.`,
    });
  }
}

/** Whether the first connection is worth another call: nothing has started. */
function isWorthAnother(error: unknown): boolean {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  if (isColdStart(name)) return !isShellRefusal(message);
  return isRetryable(name) || $metadata?.httpStatusCode === 409;
}

/** Whether a connection may come about later: what is on the way, not what is meant, has failed. */
function isPassing(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500 || isWorthAnother(error);
}

function describeClosure({ code, reason }: Pick<ShellClosure, 'code' | 'reason'>): string {
  return `close code ${code}${reason ? `: ${reason}` : ''}`;
}

function pending(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => { resolve = done; });
  return { promise, resolve };
}
