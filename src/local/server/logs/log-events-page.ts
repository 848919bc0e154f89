import { LogEvent } from './log-store';

const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** What each event counts besides its message, in bytes. */
export const EVENT_OVERHEAD_BYTES = 26;

export interface PageQuery {
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit?: number;
  readonly nextToken?: string;
  readonly startFromHead?: boolean;
}

/** One page of a stream's events, and the tokens for the ones after and before. Undefined for a token that is none. */
export function logEventsPage(all: readonly LogEvent[], query: PageQuery) {
  const { startTime = -Infinity, endTime = Infinity, limit = MAX_EVENTS, nextToken, startFromHead = false } = query;
  const events = all.filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
  const at = nextToken === undefined ? { forward: startFromHead, index: startFromHead ? 0 : events.length } : parseToken(nextToken);
  if (!at) return undefined;
  const edge = Math.min(at.index, events.length);
  const count = fitting(at.forward ? events.slice(edge) : events.slice(0, edge).reverse(), limit);
  const [from, to] = at.forward ? [edge, edge + count] : [edge - count, edge];
  return { events: events.slice(from, to), nextForwardToken: formatToken('f', to), nextBackwardToken: formatToken('b', from) };
}

function fitting(events: readonly LogEvent[], limit: number): number {
  let bytes = 0;
  let count = 0;
  for (const { message } of events.slice(0, limit)) {
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    if (count > 0 && bytes > MAX_BYTES) break;
    count++;
  }
  return count;
}

/** The token names the place between two events, counted from the stream's first one. */
function formatToken(direction: 'f' | 'b', index: number): string {
  return `${direction}/${String(index).padStart(56, '0')}/s`;
}

function parseToken(token: string): { readonly forward: boolean; readonly index: number } | undefined {
  const match = /^([fb])\/([0-9]{56})\/s$/.exec(token);
  return match ? { forward: match[1] === 'f', index: Number(match[2]) } : undefined;
}
