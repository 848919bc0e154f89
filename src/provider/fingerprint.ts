import { digest } from './digest';

/** The same for equal properties, in whatever order their members come. */
export function fingerprint(properties: unknown): string {
  return digest(JSON.stringify(properties, (_, value) => (isRecord(value) ? sorted(value) : value)));
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
