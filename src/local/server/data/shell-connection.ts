import { RawData, WebSocket } from 'ws';
import { SHELL_CLOSE, SHELL_LIMITS } from '../../../service/shell';
import { decodeResize, decodeShellFrame, encodeShellFrame, encodeShellStatus, SHELL_CHANNEL, shellFramesOf, ShellStatus } from '../../../service/shell-frames';
import { ShellHandle, ShellSink } from '../../sessions/contract';

/** How much may wait for a slow client before its shell is held back, in bytes. */
const WAITING_BYTES = 256 * 1024;

/** A WebSocket that is connected to a shell. */
export class ShellConnection implements ShellSink {
  /** Resolves when the connection is closed. */
  public readonly closed: Promise<void>;
  /** Lets a shell go on that is held back. */
  private release: (() => void) | undefined;

  constructor(private readonly socket: WebSocket, private readonly shell: ShellHandle, shellId: string) {
    const expiry = setTimeout(() => socket.close(SHELL_CLOSE.goingAway, 'a connection lasts an hour at most'), SHELL_LIMITS.connectionSeconds * 1_000);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        clearTimeout(expiry);
        shell.detach(this);
        this.release?.();
        resolve();
      });
    });
    // what is wrong with a frame closes the connection with a code of its own
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    const { reconnected, replay, bytesDropped, notice } = shell.attach(this);
    const connected: ShellStatus = { kind: 'connected', shellId, reconnected, bytesDropped: 0 };
    this.send(encodeShellStatus(connected));
    if (notice !== undefined) this.notice(notice);
    void this.output(replay);
    if (reconnected) this.send(encodeShellStatus({ ...connected, bytesDropped }));
  }

  public output(chunk: Buffer): void | Promise<void> {
    for (const frame of shellFramesOf(SHELL_CHANNEL.stdout, chunk)) this.send(frame);
    if (this.socket.bufferedAmount <= WAITING_BYTES || this.socket.readyState !== this.socket.OPEN) return undefined;
    return new Promise((resolve) => { this.release = resolve; });
  }

  public notice(text: string): void {
    this.send(encodeShellFrame(SHELL_CHANNEL.stderr, text));
  }

  public ended(exitCode: number | undefined): void {
    if (exitCode === undefined) {
      this.send(encodeShellFrame(SHELL_CHANNEL.close));
      this.socket.close(SHELL_CLOSE.goingAway, 'the session has ended');
      return;
    }
    const message = exitCode === 0 ? '' : `command terminated with exit code ${exitCode}`;
    this.send(encodeShellStatus({ kind: 'ended', exitCode, message }));
    this.socket.close(SHELL_CLOSE.normal);
  }

  public replaced(): void {
    this.socket.close(SHELL_CLOSE.replaced, 'another connection has taken the shell over');
  }

  private receive(data: RawData, isBinary: boolean): void {
    const frame = isBinary ? decodeShellFrame(data as Buffer) : undefined;
    if (!frame) {
      this.socket.close(SHELL_CLOSE.unsupportedData, 'frames are binary: a byte for the channel, then what it carries');
      return;
    }
    const { channel, payload } = frame;
    if (channel === SHELL_CHANNEL.stdin) this.input(payload);
    if (channel === SHELL_CHANNEL.resize) this.resize(payload);
    if (channel === SHELL_CHANNEL.heartbeat) this.send(encodeShellFrame(SHELL_CHANNEL.heartbeat));
    if (channel === SHELL_CHANNEL.close) this.end();
  }

  private input(bytes: Buffer): void {
    const writing = this.shell.write(bytes);
    if (writing === undefined) return;
    this.socket.pause();
    void writing.then(() => this.socket.resume());
  }

  private resize(payload: Buffer): void {
    const size = decodeResize(payload);
    if (size) this.shell.resize(size.columns, size.rows);
    else this.socket.close(SHELL_CLOSE.policyViolation, 'a size is JSON with width and height, from 1 to 65535');
  }

  /** The client wants the shell to end, and hears no more of it. */
  private end(): void {
    this.shell.detach(this);
    this.shell.kill();
    this.socket.close(SHELL_CLOSE.normal);
  }

  private send(frame: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(frame, () => {
      if (this.socket.bufferedAmount <= WAITING_BYTES) this.release?.();
    });
  }
}
