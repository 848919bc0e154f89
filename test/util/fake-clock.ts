import { Clock } from '../../src/client/clock';

/** A clock on which sleeping takes no time: it moves on by what was slept. */
export class FakeClock implements Clock {
  public readonly slept: number[] = [];

  constructor(private time = 0) {}

  public now(): number {
    return this.time;
  }

  public async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(millis);
    this.time += millis;
    // let others run, as a real sleep would
    await new Promise((resolve) => setImmediate(resolve));
  }
}
