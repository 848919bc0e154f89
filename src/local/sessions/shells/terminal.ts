import { Compute, ComputeProcess } from '../driver';

/** How large a terminal is until its client says so, in characters. */
const SIZE = { columns: 80, rows: 24 };

/** Ctrl-D, by which a terminal ends the input of the shell; without a terminal, we do. */
const END_OF_INPUT = 4;

/** For `python3 -c`: runs shell text on a new terminal. */
const BY_PYTHON = 'import os, pty, sys; code = os.waitstatus_to_exitcode(pty.spawn(["/bin/sh", "-c", sys.argv[1]])); sys.exit(code if code >= 0 else 128 - code)';

/**
 * Starts an interactive shell on a terminal, by a program that is there: `script` of util-linux, or Python; else without one.
 * The first line of its output is what `tty` says.
 */
const LAUNCH = `
export TERM="\${TERM:-xterm-256color}"
shell=/bin/sh
if [ -x /bin/bash ]; then shell=/bin/bash; fi
start="stty sane columns $1 rows $2 2>/dev/null; tty; SHELL=$shell exec $shell -i"
if script --version 2>/dev/null | grep -q util-linux; then SHELL=/bin/sh exec script -qfec "$start" /dev/null; fi
if python3 -c 'import pty' 2>/dev/null; then exec python3 -c '${BY_PYTHON}' "$start"; fi
exec /bin/sh -c "$start" 2>&1`;

export interface TerminalListener {
  ready(hasTerminal: boolean): void;
  output(chunk: Buffer): void;
}

/** An interactive shell of a session, on a terminal where one can be had. */
export class Terminal {
  /** Resolves with the exit code when the shell has ended and its output is read. */
  public readonly exit: Promise<number>;
  private readonly process: ComputeProcess;
  /** The device, once the first line has told it, unless that says that there is none. */
  private device: string | undefined;
  private firstLine: Buffer | undefined = Buffer.alloc(0);
  /** Resolves when the first line has come, or never will. */
  private readonly started: Promise<void>;
  private markStarted!: () => void;
  private size = SIZE;

  /** @param listener is told, before any output, whether there is a terminal */
  constructor(private readonly compute: Compute, private readonly listener: TerminalListener) {
    this.process = compute.exec(['/bin/sh', '-c', LAUNCH, 'shell', String(SIZE.columns), String(SIZE.rows)]);
    this.exit = this.process.exit;
    this.started = new Promise((resolve) => { this.markStarted = resolve; });
    void this.exit.then(this.markStarted);
    this.process.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    this.process.stderr.on('data', (chunk: Buffer) => this.take(chunk));
  }

  /** Holds the shell back, by not reading what it writes. */
  public pause(): void {
    this.process.stdout.pause();
  }

  public resume(): void {
    this.process.stdout.resume();
  }

  /** A returned promise resolves when the shell takes more. */
  public write(bytes: Uint8Array): void | Promise<void> {
    // before the first line, the terminal would show it as a part of that
    return this.firstLine === undefined ? this.type(bytes) : this.started.then(async () => this.type(bytes));
  }

  public resize(columns: number, rows: number): void {
    if (columns === this.size.columns && rows === this.size.rows) return;
    this.size = { columns, rows };
    if (this.device !== undefined) this.applySize(this.device);
  }

  public kill(): void {
    this.process.kill();
  }

  private type(bytes: Uint8Array): void | Promise<void> {
    const { stdin } = this.process;
    if (stdin.destroyed || stdin.writableEnded) return undefined;
    const end = this.device === undefined ? bytes.indexOf(END_OF_INPUT) : -1;
    if (end >= 0) {
      stdin.end(bytes.subarray(0, end));
      return undefined;
    }
    if (stdin.write(bytes)) return undefined;
    return new Promise<void>((resolve) => {
      for (const event of ['drain', 'close', 'error']) stdin.once(event, () => resolve());
    });
  }

  private take(chunk: Buffer): void {
    if (this.firstLine === undefined) {
      this.listener.output(chunk);
      return;
    }
    const seen = Buffer.concat([this.firstLine, chunk]);
    const end = seen.indexOf('\n');
    this.firstLine = seen;
    if (end < 0) return;
    this.firstLine = undefined;
    const line = seen.toString('utf8', 0, end).trim();
    if (line.startsWith('/dev/')) this.device = line;
    this.markStarted();
    this.listener.ready(this.device !== undefined);
    if (this.device !== undefined && this.size !== SIZE) this.applySize(this.device);
    if (end + 1 < seen.length) this.listener.output(seen.subarray(end + 1));
  }

  /** From another process of the session: the kernel tells the program in the foreground. */
  private applySize(device: string): void {
    const { columns, rows } = this.size;
    const option = process.platform === 'linux' ? '-F' : '-f';
    const stty = this.compute.exec(['stty', option, device, 'columns', String(columns), 'rows', String(rows)]);
    for (const stream of [stty.stdout, stty.stderr]) stream.resume();
    stty.stdin.end();
  }
}
