import { digest } from './digest';
import { LifecycleContext, LifecycleOutcome, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { waitFor } from './wait';
import { describeError } from '../client/errors';

/**
 * Does the work of a request once, however often the request is delivered: Lambda hands over the same event up to three
 * times. Later deliveries wait for what the first one comes to and answer the same; where that stays unknown they say so.
 */
export async function once(request: LifecycleRequest, context: LifecycleContext, work: () => Promise<LifecycleOutcome>): Promise<LifecycleOutcome> {
  const { ledger, log, clock } = context;
  const key = `request/${digest(request.owner.stackId, request.owner.logicalId, request.requestId)}`;
  const remember = (outcome: Outcome) => ledger.note(key, JSON.stringify(outcome))
    .catch((error) => log('could not note the outcome', { requestId: request.requestId, error: describeError(error) }));
  const fail = async (error: unknown): Promise<never> => {
    await remember({ failure: messageOf(error) });
    throw error;
  };
  // a claim whose answer is lost may have counted: later deliveries must not wait for work that was never begun
  const isFirst = request.continuation !== undefined || await ledger.claim(key).catch(fail);
  if (!isFirst) {
    log('this request was delivered before, waiting for its outcome', { requestId: request.requestId });
    return outcomeOf(await waitFor(() => ledger.last(key), clock, request.signal).catch((error) => {
      throw new ResourceFailure(`this request was delivered twice: the first delivery started the work and has not told its outcome, which stays unknown (${describeError(error)})`);
    }));
  }
  try {
    const outcome = await work();
    await remember('attributes' in outcome ? { result: outcome } : { handedOver: true });
    return outcome;
  } catch (error) {
    return fail(error);
  }
}

type Outcome = { readonly result: LifecycleResult } | { readonly handedOver: true } | { readonly failure: string };

function outcomeOf(note: { readonly text: string }): LifecycleOutcome {
  const outcome: Outcome = JSON.parse(note.text);
  if ('failure' in outcome) throw new ResourceFailure(outcome.failure);
  return 'result' in outcome ? outcome.result : { answeredElsewhere: true };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
