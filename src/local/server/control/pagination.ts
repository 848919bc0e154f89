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
 * @param rankOf tells an item from every other one, and the order of all
 */
export function paginate<T>(items: readonly T[], rankOf: (item: T) => Rank, { maxResults = DEFAULT_PAGE, nextToken }: PageRequest) {
  const after = nextToken === undefined ? undefined : parseToken(nextToken);
  const sorted = [...items].sort((a, b) => compare(rankOf(a), rankOf(b)));
  const rest = after ? sorted.filter((item) => compare(rankOf(item), after) > 0) : sorted;
  const page = rest.slice(0, maxResults);
  return { page, nextToken: rest.length > page.length ? formatToken(rankOf(page[page.length - 1])) : undefined };
}

function compare([a, nameA]: Rank, [b, nameB]: Rank): number {
  if (a !== b) return a - b;
  return nameA === nameB ? 0 : nameA < nameB ? -1 : 1;
}

function formatToken(rank: Rank): string {
  return Buffer.from(JSON.stringify(rank)).toString('base64url');
}

function parseToken(token: string): Rank {
  try {
    const rank: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(rank) && typeof rank[0] === 'number' && typeof rank[1] === 'string') return [rank[0], rank[1]];
  } catch {
    // told below
  }
  const message = 'is not a token of an earlier page; use the nextToken of the last answer, or none for the first page';
  throw new ServiceError('ValidationException', `nextToken ${message}`, { reason: 'FieldValidationFailed', fieldList: [{ name: 'nextToken', message }] });
}
