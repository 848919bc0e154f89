import { createColors } from 'picocolors';

/** Whether a stream is a terminal that shows more than plain text. */
export function isTerminal(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

/** Colours on a terminal only, and not where `NO_COLOR` is set; words of the user's command, such as `--color`, count for nothing. */
export function colorsOf(stream: NodeJS.WriteStream) {
  return createColors(isTerminal(stream) && !process.env.NO_COLOR);
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MILLIS = 100;
/** Shows that something goes on; leaves nothing behind. */
export class Spinner {
  private timer?: NodeJS.Timeout;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  /** Shows a text with the turning sign until the work has ended; the text alone is nothing where there is no terminal. */
  public async during<T>(text: string, work: Promise<T>): Promise<T> {
    this.start(text);
    try {
      return await work;
    } finally {
      this.stop();
    }
  }

  private start(text: string): void {
    if (!isTerminal(this.stream)) return;
    const colors = colorsOf(this.stream);
    let frame = 0;
    const draw = () => {
      this.stream.write(`\r\u001b[K${colors.cyan(FRAMES[frame++ % FRAMES.length])} ${text}`);
    };
    draw();
    this.timer = setInterval(draw, FRAME_MILLIS);
    this.timer.unref();
  }

  private stop(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.stream.write('\r\u001b[K');
  }
}
