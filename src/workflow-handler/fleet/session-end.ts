import { sessionOfItem } from './begin-item';
import { FleetItem } from '../contract';

/** One line of what Step Functions writes of the items of a Map. */
export interface ResultLine {
  readonly Status: string;
  /** The input of the item's execution, as JSON. */
  readonly Input: string;
  readonly Output?: string;
  readonly Error?: string;
  readonly Cause?: string;
}

/** What has become of one item. */
export interface SessionEnd {
  readonly item: FleetItem;
  /** Null where the item names none that can be. */
  readonly sessionId: string | null;
  /** `Succeeded`, `NotStarted`, `Aborted`, or the name of an error. */
  readonly outcome: string;
  /** Null where there is none, or nobody knows. */
  readonly exitCode: number | null;
  readonly durationMillis: number | null;
}

export const SUCCEEDED = 'Succeeded';
export const NOT_STARTED = 'NotStarted';

/** The statuses of executions that have no error. */
const OUTCOMES: Readonly<Record<string, string>> = { SUCCEEDED, PENDING: NOT_STARTED, ABORTED: 'Aborted', TIMED_OUT: 'States.Timeout' };

/** Reads what has become of an item: of a command as of a loop, whose execution tells its error inside of that of the item. */
export function sessionEndOf(line: ResultLine): SessionEnd {
  const item: FleetItem = JSON.parse(line.Input);
  const cause = recordOf(line.Cause);
  const inner = line.Error === 'States.TaskFailed' && typeof cause.Error === 'string' ? { error: cause.Error, told: recordOf(cause.Cause) } : undefined;
  const told = inner?.told ?? (line.Status === 'SUCCEEDED' ? recordOf(line.Output) : cause);
  return {
    item,
    sessionId: sessionIdOf(item),
    outcome: inner?.error ?? line.Error ?? OUTCOMES[line.Status] ?? line.Status,
    exitCode: numberOf(told.exitCode),
    durationMillis: numberOf(told.durationMillis),
  };
}

function sessionIdOf(item: FleetItem): string | null {
  try {
    return sessionOfItem(item);
  } catch {
    return null;
  }
}

function recordOf(text: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
