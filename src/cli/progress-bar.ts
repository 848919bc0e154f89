import { createColors } from 'picocolors';
import { TransferProgress } from '../client/transfer';
import { formatBytes, formatSeconds } from '../local/sizes';

const BAR_WIDTH = 24;
/** How often the line is written at most, in milliseconds. */
const INTERVAL = 100;

/** One line of how far a copy has come: a bar, bytes, rate and the time that is left. */
export function progressLine(progress: TransferProgress, elapsedSeconds: number, colors = createColors(false)): string {
  const { phase, bytes, totalBytes, resumedBytes } = progress;
  if (phase === 'checking') return 'taking checksums ...';
  const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
  const full = Math.round(share * BAR_WIDTH);
  // what an earlier try had copied says nothing about how fast this one is
  const rate = elapsedSeconds > 0 ? (bytes - resumedBytes) / elapsedSeconds : 0;
  const left = phase === 'placing' ? 'finishing ...' : rate > 0 ? `${formatSeconds((totalBytes - bytes) / rate)} left` : '';
  return [
    `${colors.cyan('█'.repeat(full))}${colors.dim('░'.repeat(BAR_WIDTH - full))}`,
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${formatBytes(rate)}/s`,
    left,
  ].filter(Boolean).join('  ');
}

/** Shows progress in one line of a terminal; nothing where the stream is none. */
export class ProgressBar {
  private shownAt = -Infinity;
  private begunAt: number | undefined;
  private shown = false;
  private readonly colors;

  constructor(private readonly stream: NodeJS.WriteStream, private readonly now: () => number = () => performance.now()) {
    this.colors = createColors(stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb');
  }

  public show(progress: TransferProgress): void {
    if (!this.stream.isTTY) return;
    const now = this.now();
    if (progress.phase === 'copying') this.begunAt ??= now;
    const isLast = progress.bytes === progress.totalBytes;
    if (now - this.shownAt < INTERVAL && !isLast) return;
    this.shownAt = now;
    this.shown = true;
    const line = progressLine(progress, (now - (this.begunAt ?? now)) / 1000, this.colors);
    this.stream.write(`\r\u001b[K${line}`);
  }

  /** Takes the line away again. */
  public clear(): void {
    if (this.shown) this.stream.write('\r\u001b[K');
    this.shown = false;
  }
}
