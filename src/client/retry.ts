import { Clock } from './clock';

export interface RetryOptions {
  readonly clock: Clock;
  /** Whether the call may succeed when it is made again, and nothing has been done yet. */
  readonly retryable: (error: unknown) => boolean;
  /** How many calls are made at most. */
  readonly attempts: number;
  /** The longest pause after the first call; it doubles after each further one. */
  readonly firstPauseMillis: number;
  readonly longestPauseMillis: number;
  readonly signal?: AbortSignal;
  /** From 0 to 1; spreads the pauses of callers that failed together. */
  readonly random?: () => number;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** For calls that start a session: it can answer with 424 until its agent serves its port; these pauses span about a minute. */
export const UNTIL_STARTED = { attempts: 8, firstPauseMillis: 1_000, longestPauseMillis: 15_000 } as const;

/** Makes a call until it succeeds, fails for good, or has been made often enough. */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, attempts, random = Math.random } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || options.signal?.aborted || !options.retryable(error)) throw error;
      options.onRetry?.(error, attempt);
      const longest = Math.min(options.firstPauseMillis * 2 ** (attempt - 1), options.longestPauseMillis);
      // ended while waiting, what counts is why the last call failed
      await clock.sleep(longest * (0.5 + random() / 2), options.signal).catch(() => { throw error; });
    }
  }
}
