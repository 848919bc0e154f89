const UNITS: readonly (readonly [string, number])[] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000]];

/** How long ago a moment is, roughly, in its largest unit. */
export function ago(moment: Date | number | undefined, now: number): string {
  if (moment === undefined) return 'at an unknown time';
  const millis = now - Number(moment);
  const [unit, length] = UNITS.find(([, size]) => millis >= size) ?? [];
  return length === undefined ? 'just now' : `${Math.floor(millis / length)} ${unit} ago`;
}
