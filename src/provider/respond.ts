import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Clock } from '../client/clock';
import { tunnelTo } from '../client/proxy';
import { ProxyError } from '../client/proxy/error';
import { retry } from '../client/retry';

/** How long one attempt may take, in milliseconds: never more than half of what is left, so that there is time for another. */
const ANSWER_MILLIS = { min: 500, max: 15_000 } as const;

/**
 * Puts an answer where CloudFormation waits for it; tries again when the other side fails.
 *
 * @param deadline when this call of the provider ends, in milliseconds since the epoch
 * @throws when it could not be delivered, so that Lambda delivers the event again
 */
export async function respond(responseUrl: string, body: string, clock: Clock, deadline: number): Promise<void> {
  const { min, max } = ANSWER_MILLIS;
  await retry(() => put(responseUrl, body, Math.min(Math.max((deadline - clock.now()) / 2, min), max)), {
    clock,
    retryable: () => clock.now() < deadline,
    attempts: 5,
    firstPauseMillis: 500,
    longestPauseMillis: 4_000,
  });
}

function put(responseUrl: string, body: string, millis: number): Promise<void> {
  const url = new URL(responseUrl);
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    // the URL is a credential: no error may carry it
    const fail = (why: string) => reject(new Error(`the answer could not be delivered: ${why}`));
    let agent: Agent | undefined;
    try {
      agent = tunnelTo(url);
    } catch (error) {
      return fail((error as Error).message);
    }
    const call = request(url, {
      method: 'PUT',
      agent,
      // the URL is signed for an empty content type
      headers: { 'content-type': '', 'content-length': Buffer.byteLength(body, 'utf8') },
      timeout: millis,
    }, (response) => {
      response.resume();
      response.on('error', (error) => fail(error.message));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve();
        else fail(`HTTP status ${status}`);
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no response within ${Math.round(millis)} ms`)));
    call.on('error', (error) => fail(error instanceof ProxyError ? error.message : (error as NodeJS.ErrnoException).code ?? error.message));
    call.end(body);
  });
}
