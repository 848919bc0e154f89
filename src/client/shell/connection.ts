import { RawData, WebSocket } from 'ws';
import { decodeShellFrame, decodeShellStatus, SHELL_CHANNEL } from '../../service/shell-frames';
import { ShellEnd } from '../api/shell';

/** What a connection brings. */
export interface ShellListener {
  output(bytes: Uint8Array): void | Promise<void>;
  notice(text: string): void;
}

/** How a connection was closed. */
export interface ShellClosure {
  readonly code: number;
  readonly reason: string;
  /** How the shell ended, where it was told. */
  readonly end?: ShellEnd;
  /** What a listener has thrown, which has closed the connection. */
  readonly failure?: { readonly error: unknown };
}

/** How often the connection is tried, in milliseconds: an idle one would be cut off by what stands in between. */
const PING_MILLIS = 30_000;

/** How long the first status may take, in milliseconds; the shell works without. */
const STATUS_MILLIS = 10_000;

/** One connection to a shell. */
export class ShellConnection {
  /** Resolves when all that has come is handed on. */
  public readonly closed: Promise<ShellClosure>;
  /** Resolves with whether the shell was there before; false where the service does not say. */
  public readonly resumed: Promise<boolean>;
  private end: ShellEnd | undefined;
  private failure: ShellClosure['failure'];
  private handled: Promise<void> = Promise.resolve();
  private isAlive = true;
  private tellResumed!: (resumed: boolean) => void;

  /** @param socket that is open and paused */
  constructor(private readonly socket: WebSocket, private readonly listener: ShellListener) {
    this.resumed = new Promise((resolve) => { this.tellResumed = resolve; });
    const patience = setTimeout(() => this.tellResumed(false), STATUS_MILLIS);
    const pings = setInterval(() => this.ping(), PING_MILLIS);
    void this.resumed.then(() => clearTimeout(patience));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('pong', () => { this.isAlive = true; });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        clearInterval(pings);
        this.tellResumed(false);
        void this.handled.then(() => resolve({ code, reason: reason.toString(), end: this.end, failure: this.failure }));
      });
    });
    socket.resume();
  }

  /** Resolves when the frame is on its way, or the connection is gone. */
  public async send(frame: Buffer): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    await new Promise<void>((resolve) => this.socket.send(frame, () => resolve()));
  }

  public close(code: number): void {
    this.socket.close(code);
  }

  private receive(data: RawData, isBinary: boolean): void {
    this.isAlive = true;
    const frame = isBinary ? decodeShellFrame(data as Buffer) : undefined;
    if (!frame) return;
    const { channel, payload } = frame;
    if (channel === SHELL_CHANNEL.status) this.status(payload);
    else if (channel === SHELL_CHANNEL.close) this.end ??= { how: 'sessionEnded', exitCode: undefined, message: '' };
    else if (channel === SHELL_CHANNEL.stderr) this.handle(() => this.listener.notice(payload.toString('utf8').trimEnd()));
    else if (channel === SHELL_CHANNEL.stdout) this.handle(() => this.listener.output(payload));
  }

  private status(payload: Buffer): void {
    const status = decodeShellStatus(payload);
    if (status?.kind === 'ended') this.end ??= { how: 'exited', exitCode: status.exitCode, message: status.message };
    if (status?.kind !== 'connected') return;
    this.tellResumed(status.reconnected);
    if (status.bytesDropped > 0) this.handle(() => this.listener.notice(`${status.bytesDropped} bytes of output before this are lost`));
  }

  /** Hands on one thing after the other; meanwhile nothing more is read. */
  private handle(work: () => void | Promise<void>): void {
    this.socket.pause();
    const mine = this.handled.then(async () => {
      if (!this.failure) await work();
    }).catch((error) => {
      this.failure = { error };
      this.socket.terminate();
    });
    this.handled = mine;
    void mine.then(() => {
      if (this.handled === mine) this.socket.resume();
    });
  }

  private ping(): void {
    // an answer would not be read
    if (this.socket.isPaused) this.isAlive = true;
    if (!this.isAlive) {
      this.socket.terminate();
      return;
    }
    this.isAlive = false;
    this.socket.ping();
  }
}
