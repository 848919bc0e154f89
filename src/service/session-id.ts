import { describe } from './model/validate';

/** The shortest and the longest session id that the service takes in a request. */
export const SESSION_ID_LENGTH = { min: 33, max: 256 } as const;

/**
 * What is wrong with a session id: 33 to 256 characters, of those that an HTTP header carries unchanged.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-sessions.html
 */
export function validateSessionId(id: string): string[] {
  const { min, max } = SESSION_ID_LENGTH;
  return [
    ...(id.length >= min && id.length <= max ? [] : [`session id ${describe(id)} has ${id.length} characters, allowed are ${min} to ${max}; a UUID has 36`]),
    ...(/^[!-~]*$/.test(id) ? [] : [`session id ${describe(id)} has characters that its HTTP header cannot carry; use letters, digits, hyphens and underscores`]),
  ];
}

/**
 * A session id made of readable parts and a digest that keeps ids of different parts apart.
 *
 * It stays within what responses can carry too: 33 to 100 characters of `[A-Za-z0-9-_]`, the first one alphanumeric.
 *
 * @param label what a person should recognise in it
 * @param digest at least 32 hexadecimal characters over everything that tells sessions apart
 */
export function composeSessionId(label: string, digest: string): string {
  const readable = label.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);
  return `${readable || 'session'}-${digest.slice(0, 32)}`;
}
