const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Marks of a logarithmic axis of time, in milliseconds: near 1, 2 and 5, as people read times. */
const MARKS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  ...[1, 2, 5, 10, 20, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((n) => n * MINUTE),
  ...[1, 2, 5, 10, 24, 48, 96, 168].map((n) => n * HOUR),
];

/** A logarithmic axis of times that reaches from mark to mark. */
export interface TimeScale {
  /** In milliseconds. */
  readonly marks: readonly number[];
  /** Where a time is on it, from 0 to 1. */
  position(millis: number): number;
}

/** The axis that holds all times from the shortest to the longest. */
export function timeScale(shortest: number, longest: number): TimeScale {
  const first = Math.max(0, MARKS.findIndex((mark) => mark > Math.max(shortest, 1)) - 1);
  const last = MARKS.findIndex((mark, i) => i > first && mark > longest);
  const marks = MARKS.slice(first, last < 0 ? undefined : last + 1);
  const [low, high] = [Math.log(marks[0]), Math.log(marks[marks.length - 1])];
  return { marks, position: (millis) => Math.min(1, Math.max(0, (Math.log(Math.max(millis, 1)) - low) / (high - low))) };
}

/** A time in the unit that it is best read in. */
export function timeText(millis: number): string {
  if (millis < SECOND) return `${Math.round(millis)} ms`;
  if (millis < 2 * MINUTE) return `${rounded(millis / SECOND)} s`;
  return millis < 2 * HOUR ? `${rounded(millis / MINUTE)} min` : `${rounded(millis / HOUR)} h`;
}

function rounded(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
