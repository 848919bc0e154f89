import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as far as waiting and deadlines need it; injected, so that tests do not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after the given time; rejects with the signal's reason when that aborts. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  async sleep(millis, signal) {
    await sleep(millis, undefined, { signal }).catch((error) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};
