import { ControlPlane, LiveRuntime } from './control-plane';
import { LifecycleContext } from './lifecycle';
import { FRESH_POLICY_MILLIS, waitFor } from './wait';
import { retry } from '../client/retry';
import { isRolePropagation } from '../service/errors';
import { isTransient } from '../service/status';

/** Carries what the control plane begins through to its end. */
export class Patience {
  constructor(private readonly plane: ControlPlane, private readonly context: LifecycleContext) {}

  /** Roles and policies made a moment ago do not count everywhere at once: the runtime's role, and our own. */
  public outlastFreshPolicies<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const { clock, log } = this.context;
    const begun = clock.now();
    return retry(call, {
      clock,
      retryable: (error) => (isDenied(error) ? clock.now() < begun + FRESH_POLICY_MILLIS : isPropagation(error)),
      attempts: 20,
      firstPauseMillis: 1_000,
      longestPauseMillis: 10_000,
      signal,
      onRetry: (error) => log('a role or policy may not be visible to the service yet, trying again', { error: messageOf(error) }),
    });
  }

  /** Makes a call that nobody else makes later until it succeeds, whatever it meets. */
  public insist(signal: AbortSignal, call: () => Promise<void>): Promise<void> {
    const onRetry = (error: unknown) => this.context.log('trying again', { error: messageOf(error) });
    return retry(call, {
      clock: this.context.clock, retryable: () => true, attempts: 6, firstPauseMillis: 1_000, longestPauseMillis: 10_000, signal, onRetry,
    });
  }

  /** The runtime once it is READY. Reads are eventually consistent: only what is seen twice in a row counts. */
  public async ready(id: string, signal: AbortSignal): Promise<LiveRuntime> {
    let readyBefore = false;
    return waitFor(async () => {
      const live = await this.outlastFreshPolicies(signal, () => this.plane.get(id));
      if (!live) throw new Error(`runtime ${id} was deleted while waiting for it to become READY`);
      if (live.status!.endsWith('_FAILED')) throw new Error(failureOf(id, live));
      const settled = live.status === 'READY' && readyBefore;
      readyBefore = live.status === 'READY';
      return settled ? live : undefined;
    }, this.context.clock, signal);
  }

  /** The runtime once the service is done with it; undefined if it is gone. */
  public async settled(id: string, signal: AbortSignal): Promise<LiveRuntime | undefined> {
    const { live } = await waitFor(async () => {
      const seen = await this.plane.get(id);
      return seen && isTransient(seen.status!) ? undefined : { live: seen };
    }, this.context.clock, signal);
    return live;
  }

  /** Removes a runtime and waits until it is gone. */
  public async remove(id: string, clientToken: string, signal: AbortSignal): Promise<void> {
    try {
      if (!await this.settled(id, signal)) return;
      if (!await this.plane.remove(id, clientToken)) return;
    } catch (error) {
      // the service may deny access to what does not exist; only the list tells the two apart
      if (isDenied(error) && !await this.plane.exists(id)) return;
      throw error;
    }
    await waitFor(async () => {
      const live = await this.plane.get(id);
      if (live?.status === 'DELETE_FAILED') throw new Error(failureOf(id, live));
      return live ? undefined : true;
    }, this.context.clock, signal);
  }
}

function failureOf(id: string, { status, failureReason }: LiveRuntime): string {
  return `runtime ${id} is ${status}: ${failureReason ?? 'the service gave no reason'}`;
}

function isPropagation(error: unknown): boolean {
  return error instanceof Error && isRolePropagation(error.name, error.message);
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === 'AccessDeniedException';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
