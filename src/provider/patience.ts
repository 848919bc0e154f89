import { ControlPlane, LiveRuntime } from './control-plane';
import { isDenied, outlastFreshPolicies } from './fresh-policies';
import { LifecycleContext } from './lifecycle';
import { waitFor } from './wait';
import { describeError } from '../client/errors';
import { retry } from '../client/retry';
import { isTransient } from '../service/status';

/** How long a runtime that was made a moment ago may seem not to be there, in milliseconds. */
const INVISIBLE_MILLIS = 30_000;

/** Carries what the control plane begins through to its end. */
export class Patience {
  constructor(private readonly plane: ControlPlane, private readonly context: LifecycleContext) {}

  public outlastFreshPolicies<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return outlastFreshPolicies(call, this.context, signal);
  }

  /**
   * Changes a runtime once the service is done with it; again where the service has found something else to do meanwhile.
   *
   * @param change not called where the runtime is gone
   */
  public async whenSettled<T>(id: string, signal: AbortSignal, change: (live: LiveRuntime) => Promise<T>): Promise<T | undefined> {
    return this.again(signal, (error) => isNamed(error, 'ConflictException'), async () => {
      const live = await this.settled(id, signal);
      return live && change(live);
    });
  }

  /** Makes a call that nobody else makes later until it succeeds, whatever it meets. */
  public insist(signal: AbortSignal, call: () => Promise<void>): Promise<void> {
    return this.again(signal, () => true, call);
  }

  /**
   * The runtime once it is READY. Reads are eventually consistent: only what is seen twice in a row counts.
   *
   * @param version the least one to wait for; what was seen before an update may still be seen after it
   */
  public async ready(id: string, signal: AbortSignal, version = '0'): Promise<LiveRuntime> {
    const begun = this.context.clock.now();
    let wasSeen = false;
    let wasReady = false;
    return waitFor(async () => {
      const live = await this.outlastFreshPolicies(signal, () => this.plane.get(id));
      if (!live && !wasSeen && this.context.clock.now() < begun + INVISIBLE_MILLIS) return undefined;
      if (!live) throw new Error(`runtime ${id} was deleted while waiting for it to become READY`);
      wasSeen = true;
      if (live.status!.endsWith('_FAILED')) throw new Error(failureOf(id, live));
      const isReady = live.status === 'READY' && Number(live.agentRuntimeVersion) >= Number(version);
      const settled = isReady && wasReady;
      wasReady = isReady;
      return settled ? live : undefined;
    }, this.context.clock, signal);
  }

  /** The runtime once the service is done with it; undefined if it is gone. */
  public async settled(id: string, signal: AbortSignal): Promise<LiveRuntime | undefined> {
    const { live } = await waitFor(async () => {
      const seen = await this.look(id);
      return seen && isTransient(seen.status!) ? undefined : { live: seen };
    }, this.context.clock, signal);
    return live;
  }

  /**
   * Removes a runtime and waits until it is gone.
   *
   * @param isSpared whether it must stay after all
   */
  public async remove(id: string, clientToken: string, signal: AbortSignal, isSpared?: (live: LiveRuntime) => Promise<boolean>): Promise<void> {
    const isGoing = await this.whenSettled(id, signal, async (live) => {
      if (await isSpared?.(live)) return false;
      return this.plane.remove(id, clientToken).catch((error) => this.unlessGone(id, error).then(() => false));
    });
    if (!isGoing) return;
    await waitFor(async () => {
      const live = await this.look(id);
      if (live?.status === 'DELETE_FAILED') throw new Error(failureOf(id, live));
      return live ? undefined : true;
    }, this.context.clock, signal);
  }

  private async look(id: string): Promise<LiveRuntime | undefined> {
    return this.plane.get(id).catch((error) => this.unlessGone(id, error));
  }

  /** The service may deny access to what does not exist; only the list tells the two apart. */
  private async unlessGone(id: string, error: unknown): Promise<undefined> {
    if (!isDenied(error) || await this.plane.exists(id)) throw error;
    return undefined;
  }

  private again<T>(signal: AbortSignal, retryable: (error: unknown) => boolean, call: () => Promise<T>): Promise<T> {
    return retry(call, {
      clock: this.context.clock,
      retryable,
      attempts: 6,
      firstPauseMillis: 1_000,
      longestPauseMillis: 10_000,
      signal,
      onRetry: (error) => this.context.log('trying again', { error: describeError(error) }),
    });
  }
}

function failureOf(id: string, { status, failureReason }: LiveRuntime): string {
  return `runtime ${id} is ${status}: ${failureReason ?? 'the service gave no reason'}`;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
