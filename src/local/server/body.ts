import { IncomingMessage } from 'node:http';
import { cannotParse, HttpError } from './http-error';
import { PAYLOAD_BYTES } from '../../service/quotas';

/** How large the bodies of requests may be, in bytes. */
export const BODY_LIMIT = {
  /** Of requests in JSON. */
  json: 4 * 1024 * 1024,
  /** Of requests to CloudWatch Logs: 1 MB of messages, which may be larger in JSON. */
  logs: 8 * 1024 * 1024,
  /** Of what is handed to an agent. */
  payload: PAYLOAD_BYTES,
} as const;

/** How deeply JSON may be nested; the deepest input of the services has a dozen levels. */
const MAX_DEPTH = 64;

/** Reads a request's body; throws an HttpError where it is larger than allowed. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(limit: number): HttpError {
  const message = `request body is larger than the ${limit} bytes that are allowed here`;
  return new HttpError(413, 'RequestEntityTooLargeException', message, { connection: 'close' });
}

/** The value that a body in JSON stands for; undefined for an empty one. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw cannotParse('request body is not UTF-8; send JSON in UTF-8');
  }
  if (depthOf(text) > MAX_DEPTH) throw cannotParse(`request body is nested more than ${MAX_DEPTH} levels deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw cannotParse(`request body is not JSON: ${(error as Error).message}`);
  }
}

/** How deeply a JSON text is nested, seen before anything recursive walks over it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '[' || char === '{')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (char === ']' || char === '}')) depth--;
  }
  return deepest;
}
