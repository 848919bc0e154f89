import { explainError } from '../explain-error';

/** How one thing was found. */
export interface Check {
  readonly name: string;
  /** `skipped` where it could not be looked at, or there is nothing to look at. */
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What was found, in one line. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail };
}

export function failed(name: string, detail: string, remedy: string): Check {
  return { name, status: 'failed', detail, remedy };
}

export function skipped(name: string, detail: string): Check {
  return { name, status: 'skipped', detail };
}

/** What an error says of a thing: what went wrong, and as remedy what comes after the first semicolon. */
export function failedBy(name: string, error: unknown, remedy?: string): Check {
  const [detail, ...nextSteps] = explainError(error).split('; ');
  return failed(name, detail, remedy ?? (nextSteps.join('; ') || 'run it again with --debug'));
}
