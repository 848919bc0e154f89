import { Clock } from '../client/clock';

/**
 * How long to wait before the next look at something that is being made: short while it is young, because most runtimes
 * are ready within seconds, and longer the longer it takes, because the rest take minutes.
 */
export function pollPauseMillis(waitedMillis: number): number {
  return Math.min(Math.max(500, waitedMillis / 15), 10_000);
}

/**
 * Looks again and again until the answer is not undefined.
 *
 * The signal ends it: the caller's deadline stands there and nowhere else.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, clock: Clock, signal: AbortSignal): Promise<T> {
  const startedAt = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    await clock.sleep(pollPauseMillis(clock.now() - startedAt), signal);
  }
}
