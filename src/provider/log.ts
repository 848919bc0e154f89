/** Writes one structured line; `fields` must never hold an event, a ResponseURL or a variable's value. */
export type Log = (notice: string, fields?: Readonly<Record<string, unknown>>) => void;

/** One JSON document a line, as CloudWatch Logs reads it. */
export const CONSOLE_LOG: Log = (notice, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ notice, ...fields })}\n`);
};
