import { CustomResourceEvent, LambdaContext } from './event';
import { Lifecycle, LifecycleContext, LifecycleRequest, ResourceFailure } from './lifecycle';
import { respond } from './respond';
import { Outcome, responseBody } from './response';

/** How long before its end the function gives up waiting, in milliseconds: enough for the answer and its retries. */
const RESERVE_MILLIS = 20_000;

export interface Adapter extends LifecycleContext {
  /** The lifecycle of each resource type. */
  readonly lifecycles: Readonly<Record<string, Lifecycle>>;
  /** Where the details of a failure can be read. */
  readonly logUrl: string;
}

/** Carries one event of CloudFormation to its lifecycle and the outcome back; always answers, exactly once. */
export async function handle(event: CustomResourceEvent, context: LambdaContext, adapter: Adapter): Promise<void> {
  const { log, clock } = adapter;
  const about = { request: event.RequestType, type: event.ResourceType, resource: event.LogicalResourceId, requestId: event.RequestId };
  log('received', about);
  const outcome = await outcomeOf(event, context, adapter);
  const body = responseBody(event, outcome);
  log('answering', { ...about, physicalId: outcome.physicalId, ...('reason' in outcome ? { failed: outcome.reason } : { succeeded: true }) });
  await respond(event.ResponseURL, body, clock);
}

async function outcomeOf(event: CustomResourceEvent, context: LambdaContext, adapter: Adapter): Promise<Outcome> {
  const lifecycle = adapter.lifecycles[event.ResourceType];
  const deadline = new AbortController();
  const remaining = context.getRemainingTimeInMillis();
  const request: LifecycleRequest = {
    owner: { stackId: event.StackId, logicalId: event.LogicalResourceId },
    requestId: event.RequestId,
    properties: event.ResourceProperties ?? {},
    oldProperties: event.OldResourceProperties ?? {},
    physicalId: event.PhysicalResourceId,
    signal: deadline.signal,
  };
  const timer = setTimeout(
    () => deadline.abort(new Error(`gave up after ${Math.round(remaining / 1_000)} s, the most that one call of the provider may take`)),
    Math.max(remaining - RESERVE_MILLIS, remaining / 2),
  );
  try {
    if (!lifecycle) throw new Error(`resource type ${event.ResourceType} is none of ${Object.keys(adapter.lifecycles).join(', ')}`);
    return await dispatch(lifecycle, event.RequestType, request);
  } catch (error) {
    return { physicalId: failedId(error, event, lifecycle, request), reason: reasonOf(error, adapter.logUrl) };
  } finally {
    clearTimeout(timer);
  }
}

async function dispatch(lifecycle: Lifecycle, type: CustomResourceEvent['RequestType'], request: LifecycleRequest): Promise<Outcome> {
  if (type === 'Create') return lifecycle.create(request);
  const existing = { ...request, physicalId: request.physicalId! };
  if (type === 'Update') return lifecycle.update(existing);
  await lifecycle.remove(existing);
  return { physicalId: existing.physicalId, attributes: {} };
}

/** A failed update or delete leaves the resource under the id that CloudFormation knows: another one would mean "replaced". */
function failedId(error: unknown, event: CustomResourceEvent, lifecycle: Lifecycle | undefined, request: LifecycleRequest): string {
  if (event.PhysicalResourceId) return event.PhysicalResourceId;
  const known = error instanceof ResourceFailure ? error.physicalId : undefined;
  return known ?? lifecycle?.fallbackId(request) ?? event.LogicalResourceId;
}

function reasonOf(error: unknown, logUrl: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message.slice(0, 2_000)} (log: ${logUrl})`;
}
