import { CustomResourceEvent, UnsentEvent } from './event';
import { RequestRuns } from './request-runs';
import { CheckedResponse, checkResponse } from './response';
import { ResponseBehaviour, ResponseServer } from './response-server';
import { Clock } from '../../../client/clock';
import { invokeAsynchronously, Invoker } from '../lambda/asynchronous';
import { LocalFunction } from '../lambda/function';
import { InvocationOutcome } from '../lambda/function-process';

/**
 * How an event reaches its function: the seam for early, duplicate and mangled deliveries.
 *
 * @param deliver sends one event with all its retries, and waits also for what the function calls for it; may be called
 * more than once
 */
export type EventDelivery = (
  event: CustomResourceEvent, deliver: (event: CustomResourceEvent) => Promise<InvocationOutcome>,
) => Promise<InvocationOutcome>;

export interface CustomResourceClientOptions {
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly delivery?: EventDelivery;
  readonly behaviour?: (event: UnsentEvent, request: number) => ResponseBehaviour | Promise<ResponseBehaviour>;
  /**
   * Resolves to the reason for which CloudFormation waits no longer (the failure of a sibling, say), or to undefined where
   * it goes on waiting. The function runs on, and what it answers goes nowhere.
   */
  readonly giveUp?: (event: UnsentEvent, settled: AbortSignal) => Promise<string | undefined>;
  /** Takes each answer that arrives, also those after the first, which change nothing. */
  readonly onAnswer?: (event: UnsentEvent, response: CheckedResponse) => void;
}

/** How long CloudFormation waits where a resource says nothing, in seconds. */
export const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3_600;

/** What CloudFormation says when ServiceTimeout is over. */
export function notReceived({ RequestId: requestId }: UnsentEvent, seconds: number): string {
  return `CloudFormation did not receive a response from your Custom Resource within ${seconds} s (its ServiceTimeout). Please check your logs for requestId [${requestId}].`;
}

/** CloudFormation's side of the custom-resource protocol. */
export class CustomResourceClient {
  private readonly running = new Set<Promise<unknown>>();
  /** What runs for each request that was sent, until nothing does any more. */
  private readonly requests = new Map<string, RequestRuns>();

  constructor(private readonly options: CustomResourceClientOptions) {}

  /**
   * Sends one event and waits for its answer.
   *
   * It ends with the first of: an answer; the service time-out; the end of all invocations for the request, those that the
   * function itself has asked for included, without an answer. The last is told at once, where CloudFormation waits for the
   * time-out, because locally nobody else could answer.
   */
  public async send(target: LocalFunction, event: UnsentEvent, serviceTimeoutSeconds: number): Promise<CheckedResponse> {
    const { invoker, clock, delivery = (sent, deliver) => deliver(sent), behaviour, giveUp, onAnswer } = this.options;
    const server = await ResponseServer.open({
      label: `${event.StackId}|${event.LogicalResourceId}|${event.RequestId}`,
      ...(behaviour ? { behaviour: (request: number) => behaviour(event, request) } : {}),
      ...(onAnswer ? { onBody: (body: Buffer) => onAnswer(event, checkResponse(body, event)) } : {}),
    });
    const runs = new RequestRuns();
    this.requests.set(event.RequestId, runs);
    const answered = server.answer.then((body) => checkResponse(body, event));
    // of its own for each event: a promise keeps all that ever waited for it
    const never = new Promise<never>(() => undefined);
    const timer = new AbortController();
    const givenUp = giveUp?.(event, timer.signal).then((reason) => (reason === undefined ? never : failed(reason))) ?? never;
    const invocation = this.track(delivery(
      { ...event, ResponseURL: server.url },
      (sent) => {
        runs.add(invokeAsynchronously(invoker, target, sent, event.RequestId, () => runs.settled));
        return runs.ended();
      },
    ));
    const timedOut = clock.sleep(serviceTimeoutSeconds * 1_000, timer.signal).then(
      () => failed(notReceived(event, serviceTimeoutSeconds)),
      // aborted below, when it is not needed any more
      () => never,
    );
    const ended = invocation.then(async (outcome) => {
      await server.finish();
      return Promise.race([answered, Promise.resolve(failed(withoutAnswer(target, event, outcome)))]);
    });
    try {
      return await Promise.race([answered, timedOut, givenUp, ended]);
    } finally {
      runs.settled = true;
      timer.abort();
      // what comes after the answer goes nowhere, yet the function must still find somebody who takes it
      const close = () => {
        this.requests.delete(event.RequestId);
        return server.close();
      };
      void this.track(invocation.then(close, close));
    }
  }

  /**
   * Invokes a function because another one asks for it, without waiting for its end.
   *
   * @param requestId the request that the asking function works for: the new invocation may answer it too
   */
  public invoke(target: LocalFunction, event: unknown, requestId: string): void {
    const runs = this.requests.get(requestId);
    const run = this.track(invokeAsynchronously(this.options.invoker, target, event, requestId, () => runs?.settled ?? false));
    runs?.add(run);
  }

  /** Waits until all functions have ended that had answered before. */
  public async drain(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled([...this.running]);
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    const forget = () => this.running.delete(work);
    work.then(forget, forget);
    return work;
  }
}

function failed(reason: string): CheckedResponse {
  return { status: 'FAILED', reason };
}

function withoutAnswer(target: LocalFunction, event: UnsentEvent, outcome: InvocationOutcome): string {
  const how = 'error' in outcome ? `it failed: ${outcome.error}` : 'it ended without an error';
  return `Function ${target.name} sent no response for requestId [${event.RequestId}]; ${how}. (CloudFormation would have waited for the ServiceTimeout.)`;
}
