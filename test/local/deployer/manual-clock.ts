import { Clock } from '../../../src/client/clock';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private time = Date.UTC(2026, 0, 1);
  private readonly sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  private readonly watchers: (() => void)[] = [];

  public now(): number {
    return this.time;
  }

  public async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const sleeper = { until: this.time + millis, wake: resolve };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers.delete(sleeper);
        reject(signal.reason);
      });
      this.watchers.splice(0).forEach((notify) => notify());
    });
  }

  /** Moves the time on and wakes whoever has slept long enough. */
  public advance(millis: number): void {
    this.time += millis;
    for (const sleeper of [...this.sleepers].filter(({ until }) => until <= this.time)) {
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** Resolves once somebody sleeps until at least so far from now. */
  public async sleeping(millis: number): Promise<void> {
    while (![...this.sleepers].some(({ until }) => until >= this.time + millis)) {
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }
}
