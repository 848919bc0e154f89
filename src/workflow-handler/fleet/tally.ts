import { NOT_STARTED, SessionEnd, SUCCEEDED } from './session-end';
import { FleetSummary } from '../contract';

/** How often each of something was there. */
class Counts {
  private readonly counts = new Map<string, number>();

  public add(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** The most frequent first. */
  public toRecord(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }
}

/** Adds up how the sessions of a fleet ended; it keeps of each no more than how long it took. */
export class FleetTally {
  /** In milliseconds, of those that succeeded and of those that did not. */
  public readonly durations: { readonly succeeded: number[]; readonly failed: number[] } = { succeeded: [], failed: [] };
  private readonly errors = new Counts();
  private readonly exitCodes = new Counts();
  private sessions = 0;
  private succeeded = 0;
  private notStarted = 0;

  public add({ outcome, exitCode, durationMillis }: SessionEnd): void {
    this.sessions++;
    if (outcome === SUCCEEDED) this.succeeded++;
    else if (outcome === NOT_STARTED) this.notStarted++;
    else this.errors.add(outcome);
    if (exitCode !== null) this.exitCodes.add(String(exitCode));
    if (durationMillis !== null) this.durations[outcome === SUCCEEDED ? 'succeeded' : 'failed'].push(durationMillis);
  }

  public get totals(): Pick<FleetSummary, 'sessions' | 'succeeded' | 'failed' | 'notStarted' | 'errors' | 'exitCodes' | 'durationMillis'> {
    const { sessions, succeeded, notStarted } = this;
    const all = Float64Array.from([...this.durations.succeeded, ...this.durations.failed]).sort();
    return {
      sessions,
      succeeded,
      failed: sessions - succeeded - notStarted,
      notStarted,
      errors: this.errors.toRecord(),
      exitCodes: this.exitCodes.toRecord(),
      durationMillis: all.length === 0 ? null : {
        shortest: all[0], median: percentile(all, 50), percentile95: percentile(all, 95), longest: all[all.length - 1],
      },
    };
  }
}

/** The smallest of sorted numbers that at least so many percent of them do not exceed. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  return sorted[Math.max(0, Math.ceil(percent / 100 * sorted.length) - 1)];
}
