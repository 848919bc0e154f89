/** What a value becomes, and when; without a value it is gone from then on. */
export interface Change<T> {
  /** In milliseconds since the epoch. */
  readonly from: number;
  readonly value?: T;
}

/** A value that may change later: the changes in the order in which they count. */
export type Timed<T> = readonly Change<T>[];

/** The value that counts at a time. */
export function valueAt<T>(timed: Timed<T> | undefined, now: number): T | undefined {
  return timed?.filter(({ from }) => from <= now).at(-1)?.value;
}

/** The value that counts once all changes do. */
export function lastValue<T>(timed: Timed<T> | undefined): T | undefined {
  return timed?.at(-1)?.value;
}

/** With one more change, and without those that will never count again; undefined if nothing is left of it. */
export function changed<T>(timed: Timed<T> = [], now: number, change: Change<T>): Timed<T> | undefined {
  const before = timed.filter(({ from }) => from < change.from);
  const superseded = before.filter(({ from }) => from <= now).slice(0, -1);
  const kept = [...before.filter((each) => !superseded.includes(each)), change];
  return kept.some(({ value }) => value !== undefined) ? kept : undefined;
}

/** Whether it has no value, now or later. */
export function isOver<T>(timed: Timed<T>, now: number): boolean {
  return valueAt(timed, now) === undefined && timed.every(({ from, value }) => from <= now || value === undefined);
}
