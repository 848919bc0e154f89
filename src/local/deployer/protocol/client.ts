import { CustomResourceEvent, UnsentEvent } from './event';
import { CheckedResponse, checkResponse } from './response';
import { ResponseBehaviour, ResponseServer } from './response-server';
import { Clock } from '../../../client/clock';
import { invokeAsynchronously, Invoker } from '../lambda/asynchronous';
import { LocalFunction } from '../lambda/function';
import { InvocationOutcome } from '../lambda/runner';

/**
 * How an event reaches its function: the seam for early, duplicate and mangled deliveries.
 *
 * @param deliver sends one event with all its retries; may be called more than once
 */
export type EventDelivery = (
  event: CustomResourceEvent, deliver: (event: CustomResourceEvent) => Promise<InvocationOutcome>,
) => Promise<InvocationOutcome>;

export interface CustomResourceClientOptions {
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly delivery?: EventDelivery;
  readonly behaviour?: (event: UnsentEvent, request: number) => ResponseBehaviour | Promise<ResponseBehaviour>;
}

/** How long CloudFormation waits where a resource says nothing, in seconds. */
export const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3_600;

/** CloudFormation's side of the custom-resource protocol. */
export class CustomResourceClient {
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly options: CustomResourceClientOptions) {}

  /**
   * Sends one event and waits for its answer.
   *
   * It ends with the first of: an answer; the service time-out; the last invocation's end without an answer. The last is
   * told at once, where CloudFormation waits for the time-out, because locally nobody else could answer.
   */
  public async send(target: LocalFunction, event: UnsentEvent, serviceTimeoutSeconds: number): Promise<CheckedResponse> {
    const { invoker, clock, delivery = (sent, deliver) => deliver(sent), behaviour } = this.options;
    const server = await ResponseServer.open({
      label: `${event.StackId}|${event.LogicalResourceId}|${event.RequestId}`,
      ...(behaviour ? { behaviour: (request: number) => behaviour(event, request) } : {}),
    });
    let settled = false;
    const answered = server.answer.then((body) => checkResponse(body, event));
    const invocation = this.track(delivery(
      { ...event, ResponseURL: server.url },
      (sent) => invokeAsynchronously(invoker, target, sent, event.RequestId, () => settled),
    ));
    const timer = new AbortController();
    const timedOut = clock.sleep(serviceTimeoutSeconds * 1_000, timer.signal).then(
      () => failed(`CloudFormation did not receive a response from your Custom Resource within ${serviceTimeoutSeconds} s (its ServiceTimeout). Please check your logs for requestId [${event.RequestId}].`),
      // aborted below, when it is not needed any more
      () => new Promise<never>(() => undefined),
    );
    const ended = invocation.then(async (outcome) => {
      await server.finish();
      return Promise.race([answered, Promise.resolve(failed(withoutAnswer(target, event, outcome)))]);
    });
    try {
      return await Promise.race([answered, timedOut, ended]);
    } finally {
      settled = true;
      timer.abort();
      // what comes after the answer goes nowhere, yet the function must still find somebody who takes it
      void this.track(invocation.then(() => server.close(), () => server.close()));
    }
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
