import { ServiceError } from '../../service-error';

const DEFAULT_PAGE = 100;

export interface PageRequest {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** By what items are put in order: the number first, then the text. */
type Rank = readonly [number, string];

/**
 * One page of a list; the token names the last item of the page before, so that items may come and go between pages.
 *
 * @param list tells the list from every other one, whose tokens it does not take
 * @param rankOf tells an item from every other one, and the order of all
 */
export function paginate<T>(list: string, items: readonly T[], rankOf: (item: T) => Rank, { maxResults = DEFAULT_PAGE, nextToken }: PageRequest) {
  const after = nextToken === undefined ? undefined : parseToken(list, nextToken);
  const sorted = [...items].sort((a, b) => compare(rankOf(a), rankOf(b)));
  const rest = after ? sorted.filter((item) => compare(rankOf(item), after) > 0) : sorted;
  const page = rest.slice(0, maxResults);
  return { page, nextToken: rest.length > page.length ? formatToken(list, rankOf(page[page.length - 1])) : undefined };
}

function compare([a, nameA]: Rank, [b, nameB]: Rank): number {
  if (a !== b) return a - b;
  return nameA === nameB ? 0 : nameA < nameB ? -1 : 1;
}

function formatToken(list: string, rank: Rank): string {
  return Buffer.from(JSON.stringify([list, ...rank])).toString('base64url');
}

function parseToken(list: string, token: string): Rank {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(parts) && parts[0] === list && typeof parts[1] === 'number' && typeof parts[2] === 'string') return [parts[1], parts[2]];
  } catch {
    // told below
  }
  const message = 'is not a token of an earlier page of this list; use the nextToken of the last answer, or none for the first page';
  throw new ServiceError('ValidationException', `nextToken ${message}`, { reason: 'FieldValidationFailed', fieldList: [{ name: 'nextToken', message }] });
}
