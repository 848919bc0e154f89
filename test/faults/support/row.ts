import { appendFileSync } from 'node:fs';

/** Takes what was seen while a fault was injected, a few words at a time. */
export type Observe = (seen: string) => void;

/** What one test tells the table; see `table-reporter.ts`. */
export interface Observation {
  /** Of the test. */
  readonly title: string;
  readonly row: number;
  readonly injected: string;
  readonly observed: readonly string[];
}

/** Where observations go, one line of JSON each; nowhere unless set. */
export const OBSERVATIONS_VARIABLE = 'FAULT_OBSERVATIONS_FILE';

/**
 * A test of one row of the list of faults: against what it shows, the fault that it injects goes into the table.
 *
 * @param injected the fault, as a reader of the table should see it
 */
export function row(number: number, injected: string, body: (observe: Observe) => Promise<void>, timeoutMillis = 60_000): void {
  const title = `row ${number}: ${injected}`;
  test(title, async () => {
    const observed: string[] = [];
    try {
      await body((seen) => observed.push(seen));
    } finally {
      const file = process.env[OBSERVATIONS_VARIABLE];
      const observation: Observation = { title, row: number, injected, observed };
      if (file) appendFileSync(file, `${JSON.stringify(observation)}\n`);
    }
  }, timeoutMillis);
}
