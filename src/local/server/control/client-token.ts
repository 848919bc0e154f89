import { createHash } from 'node:crypto';
import { ControlPlaneState, TokenRecord } from './records';
import { ServiceError } from '../../service-error';

/** How long a client token is remembered, and how many; the service does not tell its own window. */
const WINDOW_MILLIS = 24 * 60 * 60 * 1000;
const MAX_TOKENS = 1000;

/** One mutation as its repetition is recognised. */
export interface TokenUse {
  readonly scope: string;
  readonly token?: string;
  readonly digest: string;
}

/** How a mutation is recognised: by operation, resource and token; the digest tells whether its input is the same. */
export function tokenUse(operation: string, resource: string, input: object): TokenUse {
  const { clientToken, ...rest } = input as { clientToken?: string };
  return { scope: `${operation} ${resource}`, token: clientToken, digest: createHash('sha256').update(canonical(rest)).digest('hex') };
}

/**
 * The earlier answer to the same mutation.
 *
 * @throws ServiceError ValidationException where the token was used for another input
 */
export function replay(state: ControlPlaneState, { scope, token, digest }: TokenUse, now: number): object | undefined {
  if (token === undefined) return undefined;
  const earlier = state.tokens.find((record) => record.scope === scope && record.token === token && isRemembered(record, now));
  if (earlier && earlier.digest !== digest) {
    throw new ServiceError('ValidationException', `client token ${token} was used for a request with other parameters; use a new one`, {
      reason: 'IdempotentParameterMismatchException',
    });
  }
  return earlier?.output;
}

export function remember(state: ControlPlaneState, { scope, token, digest }: TokenUse, output: object, now: number): void {
  if (token === undefined) return;
  const fresh = state.tokens.filter((record) => isRemembered(record, now)).slice(1 - MAX_TOKENS);
  state.tokens = [...fresh, { scope, token, digest, output, at: now }];
}

function isRemembered({ at }: TokenRecord, now: number): boolean {
  return at > now - WINDOW_MILLIS;
}

/** JSON in which the order of members makes no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1));
  });
}
