import { Terminal } from './terminal';
import { SHELL_LIMITS } from '../../../service/shell';
import { ShellAttachment, ShellHandle, ShellSink } from '../contract';
import { Compute } from '../driver';
import { onEnd } from '../on-end';

const NOTICE = 'the local AgentCore found neither `script` of util-linux nor Python in this session, so this shell has no terminal: what is typed is not shown, and full-screen programs do not work';

/** A shell of a session: goes on without a connection, and keeps the end of what it says meanwhile. */
export class Shell implements ShellHandle {
  /** Resolves when the shell is gone. */
  public readonly ended: Promise<void>;
  private readonly terminal: Terminal;
  private sink: ShellSink | undefined;
  private unsent: Buffer[] = [];
  private unsentBytes = 0;
  private dropped = 0;
  private attachedBefore = false;
  private notice: string | undefined;
  private isOver = false;

  /** @param onInput is told that something is typed */
  constructor(compute: Compute, private readonly onInput: () => void) {
    this.terminal = new Terminal(compute, { ready: (hasTerminal) => this.ready(hasTerminal), output: (chunk) => this.take(chunk) });
    this.ended = new Promise((resolve) => {
      const forget = onEnd(compute, () => over(undefined));
      const over = (exitCode: number | undefined) => {
        forget();
        this.end(exitCode);
        resolve();
      };
      void this.terminal.exit.then(over);
    });
  }

  public attach(sink: ShellSink): ShellAttachment {
    this.sink?.replaced();
    const attachment = { reconnected: this.attachedBefore, replay: Buffer.concat(this.unsent), bytesDropped: this.dropped, notice: this.notice };
    this.sink = sink;
    this.attachedBefore = true;
    [this.unsent, this.unsentBytes, this.dropped, this.notice] = [[], 0, 0, undefined];
    this.terminal.resume();
    return attachment;
  }

  public detach(sink: ShellSink): void {
    if (this.sink !== sink) return;
    this.sink = undefined;
    this.terminal.resume();
  }

  /** Nobody has ever been connected, and nobody knows of it. */
  public get isForgotten(): boolean {
    return !this.attachedBefore;
  }

  public write(bytes: Uint8Array): void | Promise<void> {
    this.onInput();
    return this.terminal.write(bytes);
  }

  public resize(columns: number, rows: number): void {
    if (!this.isOver) this.terminal.resize(columns, rows);
  }

  public kill(): void {
    this.terminal.kill();
  }

  /** Tells, once, that the shell has ended; without an exit code, that the session has. */
  public end(exitCode: number | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.sink?.ended(exitCode);
    this.sink = undefined;
  }

  private ready(hasTerminal: boolean): void {
    if (hasTerminal) return;
    if (this.sink) this.sink.notice(NOTICE);
    else this.notice = NOTICE;
  }

  private take(chunk: Buffer): void {
    const { sink } = this;
    if (sink === undefined) {
      this.keep(chunk);
      return;
    }
    const sending = sink.output(chunk);
    if (sending === undefined) return;
    this.terminal.pause();
    void sending.then(() => {
      // whoever came after it lets the shell go on by itself
      if (this.sink === sink) this.terminal.resume();
    });
  }

  private keep(chunk: Buffer): void {
    this.unsent.push(chunk);
    this.unsentBytes += chunk.length;
    while (this.unsentBytes > SHELL_LIMITS.replayBytes) {
      const excess = this.unsentBytes - SHELL_LIMITS.replayBytes;
      const [first, ...rest] = this.unsent;
      const cut = Math.min(excess, first.length);
      this.unsent = cut < first.length ? [first.subarray(cut), ...rest] : rest;
      this.unsentBytes -= cut;
      this.dropped += cut;
    }
  }
}
