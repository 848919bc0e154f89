import { SHELL_LIMITS } from '../../service/shell';
import { Clock } from '../clock';

/** The most that is sent in a second, so that what else goes over the connection has room. */
const FRAMES = Math.floor(SHELL_LIMITS.framesPerSecond * 0.8);

/** Keeps what is sent within the frames that the service takes in a second. */
export class Pace {
  private since = 0;
  private sent = 0;

  constructor(private readonly clock: Clock) {}

  /** Resolves when one more frame may be sent. */
  public async take(): Promise<void> {
    const now = this.clock.now();
    if (now - this.since >= 1_000) [this.since, this.sent] = [now, 0];
    if (this.sent >= FRAMES) {
      await this.clock.sleep(this.since + 1_000 - now);
      [this.since, this.sent] = [this.clock.now(), 0];
    }
    this.sent++;
  }
}
