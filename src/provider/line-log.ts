type Stream = 'stdout' | 'stderr';

/** The longest line that is written as one; CloudWatch Logs takes 256 KB in one event. */
const LONGEST_LINE = 16_384;

/** Turns chunks of output into whole lines, stream by stream, so that a log shows them as they were written. */
export class LineLog {
  private readonly pending: Record<Stream, string> = { stdout: '', stderr: '' };

  constructor(private readonly write: (line: Partial<Record<Stream, string>>) => void) {}

  public append(stream: Stream, text: string): void {
    const lines = (this.pending[stream] + text).split(/\r?\n/);
    let rest = lines.pop()!;
    for (const line of lines) this.write({ [stream]: line });
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) this.write({ [stream]: rest.slice(0, LONGEST_LINE) });
    this.pending[stream] = rest;
  }

  /** Writes what has no line end yet. */
  public flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.pending[stream]) this.write({ [stream]: this.pending[stream] });
      this.pending[stream] = '';
    }
  }
}
