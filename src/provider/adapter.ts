import { CustomResourceEvent, LambdaContext } from './event';
import { Lifecycle, LifecycleContext, LifecycleOutcome, LifecycleRequest, ResourceFailure } from './lifecycle';
import { respond } from './respond';
import { head, Outcome, responseBody } from './response';

/**
 * How long before its end the function gives up waiting, in milliseconds: enough for the answer and its retries; half of
 * what is left where that is less.
 */
const RESERVE_MILLIS = 20_000;

/** How much of a message a reason holds, in bytes. */
const REASON_BYTES = 2_000;

/** How long a lifecycle may take, after its time is up, to say what that means and to note it, in milliseconds. */
const LAST_WORDS_MILLIS = 5_000;

export interface Adapter extends LifecycleContext {
  /** The lifecycle of each resource type. */
  readonly lifecycles: Readonly<Record<string, Lifecycle>>;
  /** Where the details of a failure can be read. */
  readonly logUrl: string;
}

/** Carries one event of CloudFormation to its lifecycle and the outcome back; all calls for one event answer once in all. */
export async function handle(event: CustomResourceEvent, context: LambdaContext, adapter: Adapter): Promise<void> {
  const { log, clock } = adapter;
  const about = { request: event.RequestType, type: event.ResourceType, resource: event.LogicalResourceId, requestId: event.RequestId };
  log(event.Continuation === undefined ? 'received' : 'going on', about);
  const outcome = await outcomeOf(event, context, adapter);
  if (!outcome) {
    log('not answering: another call does', about);
    return;
  }
  const body = responseBody(event, outcome);
  log('answering', { ...about, physicalId: outcome.physicalId, ...('reason' in outcome ? { failed: outcome.reason } : { succeeded: true }) });
  await respond(event.ResponseURL, body, clock, clock.now() + context.getRemainingTimeInMillis());
}

/** What to answer; undefined where another call does. */
async function outcomeOf(event: CustomResourceEvent, context: LambdaContext, adapter: Adapter): Promise<Outcome | undefined> {
  const lifecycle = adapter.lifecycles[event.ResourceType];
  const deadline = new AbortController();
  const remaining = context.getRemainingTimeInMillis();
  const patience = Math.max(remaining - RESERVE_MILLIS, remaining / 2);
  const request: LifecycleRequest = {
    owner: { stackId: event.StackId, logicalId: event.LogicalResourceId },
    requestId: event.RequestId,
    properties: event.ResourceProperties ?? {},
    oldProperties: event.OldResourceProperties ?? {},
    physicalId: event.PhysicalResourceId,
    signal: deadline.signal,
    deadline: adapter.clock.now() + patience,
    continuation: event.Continuation,
  };
  const timer = setTimeout(
    () => deadline.abort(new Error(`gave up after ${Math.round(patience / 1_000)} s, close to the most that one call may take`)),
    patience,
  );
  try {
    if (!lifecycle) throw new Error(`resource type ${event.ResourceType} is none of ${Object.keys(adapter.lifecycles).join(', ')}`);
    // a call that never returns must not keep the answer from being sent
    const outcome = await Promise.race([
      dispatch(lifecycle, event.RequestType, request),
      rejectionAfter(deadline.signal, Math.min(LAST_WORDS_MILLIS, remaining / 8)),
    ]);
    return 'attributes' in outcome ? outcome : undefined;
  } catch (error) {
    return { physicalId: failedId(error, event, lifecycle, request), reason: reasonOf(error, adapter.logUrl) };
  } finally {
    clearTimeout(timer);
  }
}

function rejectionAfter(signal: AbortSignal, millis: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), millis).unref(), { once: true });
  });
}

async function dispatch(lifecycle: Lifecycle, type: CustomResourceEvent['RequestType'], request: LifecycleRequest): Promise<LifecycleOutcome> {
  if (type === 'Create') return lifecycle.create(request);
  const existing = { ...request, physicalId: request.physicalId! };
  if (type === 'Update') return lifecycle.update(existing);
  return await lifecycle.remove(existing) ?? { physicalId: existing.physicalId, attributes: {} };
}

/** A failed update or delete leaves the resource under the id that CloudFormation knows: another one would mean "replaced". */
function failedId(error: unknown, event: CustomResourceEvent, lifecycle: Lifecycle | undefined, request: LifecycleRequest): string {
  if (event.PhysicalResourceId) return event.PhysicalResourceId;
  const known = error instanceof ResourceFailure ? error.physicalId : undefined;
  return known ?? lifecycle?.fallbackId(request) ?? event.LogicalResourceId;
}

function reasonOf(error: unknown, logUrl: string): string {
  const message = error instanceof Error ? error.message : String(error);
  // in bytes, so that the link is there whatever the message is made of
  return `${head(message, REASON_BYTES)} (log: ${logUrl})`;
}
