const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const SECONDS = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?)?)?$/;

/** @returns undefined for what is neither `true` nor `false`, in any case */
export function bool(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** @returns undefined for what is no decimal number */
export function number(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/**
 * Milliseconds since 1970 of a date in the forms of ISO 8601 that the W3C names, or of seconds since 1970.
 *
 * @returns undefined for what is neither
 * @see https://www.w3.org/TR/NOTE-datetime
 */
export function date(text: string): number | undefined {
  const milliseconds = DATE.test(text) ? Date.parse(text) : SECONDS.test(text) ? Number(text) * 1000 : NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
