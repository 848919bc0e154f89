import { UnreadableAnswerError } from './api/errors';
import { check } from './compose-run';
import { errorOf } from './error-of';
import { AgentAnswer } from './invoke-agent';
import { PAYLOAD_BYTES } from '../service/quotas';

/** About the call whose answer is read. */
export interface AnswerContext {
  readonly signal?: AbortSignal;
  /** What failed, where something does, in words for the message. */
  readonly what: string;
}

/**
 * The bytes of a payload: as they are, or as JSON.
 *
 * @throws InvalidInputError where JSON cannot say it, or it is too large
 */
export function payloadOf(payload: unknown): Uint8Array {
  const json = payload instanceof Uint8Array ? undefined : JSON.stringify(payload);
  check(payload instanceof Uint8Array || json !== undefined ? [] : [`payload ${String(payload)} cannot be written as JSON; give a value, or bytes`]);
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(json!);
  check(bytes.length <= PAYLOAD_BYTES ? [] : [`payload has ${bytes.length} bytes, allowed are ${PAYLOAD_BYTES}; put large data into a file on the mount`]);
  return bytes;
}

/** The bytes of an answer as they come. */
export async function* answerBytes({ body, requestId }: AgentAnswer, { signal, what }: AnswerContext): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const bytes of body) {
      signal?.throwIfAborted();
      yield bytes;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw errorOf(error, what, requestId);
  }
  signal?.throwIfAborted();
}

/** The text of an answer as it comes; characters whose bytes come apart are put together. */
export async function* answerText(answer: AgentAnswer, context: AnswerContext): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  for await (const bytes of answerBytes(answer, context)) {
    const text = decoder.decode(bytes, { stream: true });
    if (text) yield text;
  }
  const rest = decoder.decode();
  if (rest) yield rest;
}

/** A whole answer: a value where its type is JSON, else text; undefined where it is empty. */
export async function answerValue(answer: AgentAnswer, context: AnswerContext): Promise<any> {
  let text = '';
  for await (const piece of answerText(answer, context)) text += piece;
  if (text === '') return undefined;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(answer.contentType)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableAnswerError(`the agent says that it has answered ${answer.contentType}, but that is ${JSON.stringify(text.slice(0, 200))}`, {
      retryable: false, mayHaveRun: true, requestId: answer.requestId, cause, nextStep: 'Correct what the agent answers, or read it with `invokeStream`.',
    });
  }
}
