import { ServiceError } from '../../service-error';
import { Sessions } from '../../sessions/contract';
import { CodeArtifacts } from '../artifacts/code-artifacts';
import { Log, ServerClock } from '../clock';
import { remember, replay, tokenUse } from './client-token';
import { ControlPlaneState, RuntimeRecord, Transition } from './records';
import { ControlPlaneStore } from './store';
import { HELD, isGone } from './transition';

/** What the operations of the control plane work with. */
export interface ControlPlaneContext {
  readonly store: ControlPlaneStore;
  readonly artifacts: CodeArtifacts;
  readonly sessions: Pick<Sessions, 'forget' | 'list'>;
  readonly clock: ServerClock;
  /** How long each way from one state to another takes, in milliseconds. */
  readonly transitionDelayMs: number;
  readonly log: Log;
  /** How the transition ends that this call begins, where a fault plan says so. */
  readonly ending?: Ending;
}

/** An end of a transition that is not the usual one. */
export interface Ending {
  /** It lasts until it is let go. */
  readonly held: boolean;
  /** It fails. */
  readonly failureReason?: string;
}

/** Who calls: what an operation needs besides its input. */
export interface Caller {
  readonly region: string;
  /** Whether AWS itself calls, which alone may set and remove the tags under its prefix. */
  readonly isAws: boolean;
}

/** What a mutation works on. */
export interface Mutation {
  readonly draft: ControlPlaneState;
  readonly now: number;
  /** Makes the draft last. */
  readonly commit: () => Promise<void>;
}

/** What a mutation answers, and what follows once that is on disk. */
export interface Outcome {
  readonly output: object;
  readonly after?: () => Promise<void>;
}

/**
 * Runs a mutation once for each client token.
 *
 * @param resource what the operation works on; the same token may be used for another resource
 */
export async function mutate(
  context: ControlPlaneContext, operation: string, resource: string, input: object, work: (mutation: Mutation) => Promise<Outcome>,
): Promise<object> {
  return context.store.mutate(async (draft, commit) => {
    const now = context.clock.now();
    const use = tokenUse(operation, resource, input);
    const earlier = replay(draft, use, now);
    if (earlier) return earlier;
    purge(draft, now);
    const { output, after } = await work({ draft, now, commit });
    remember(draft, use, output, now);
    await commit();
    await after?.();
    return output;
  });
}

/** Drops what has been deleted; its sessions and files went when the deletion began. */
export function purge(draft: ControlPlaneState, now: number): void {
  draft.runtimes = draft.runtimes.filter(({ state }) => !isGone(state, now));
  draft.capacityProviders = draft.capacityProviders.filter(({ state }) => !isGone(state, now));
  for (const runtime of draft.runtimes) {
    runtime.endpoints = runtime.endpoints.filter(({ state }) => !isGone(state, now));
    runtime.versions = runtime.versions.filter(({ deletion }) => !deletion || !isGone(deletion, now));
  }
}

/** A runtime that is there; throws a ResourceNotFoundException where none is. */
export function requireRuntime(state: ControlPlaneState, runtimeId: string, now: number): RuntimeRecord {
  const runtime = state.runtimes.find(({ id }) => id === runtimeId);
  if (!runtime || isGone(runtime.state, now)) throw new ServiceError('ResourceNotFoundException', `agent runtime ${runtimeId} is not found`);
  return runtime;
}

const ENDS = {
  CREATING: { well: 'READY', badly: 'CREATE_FAILED' },
  UPDATING: { well: 'READY', badly: 'UPDATE_FAILED' },
  DELETING: { well: 'GONE', badly: 'DELETE_FAILED' },
} as const;

/** A transition that begins now and ends well, or badly where a reason is given. */
export function transition(
  { transitionDelayMs, ending }: ControlPlaneContext, now: number, during: keyof typeof ENDS, failureReason = ending?.failureReason,
): Transition {
  const until = ending?.held ? HELD : now + transitionDelayMs;
  if (failureReason === undefined) return { during, until, then: ENDS[during].well };
  return { during, until, then: ENDS[during].badly, failureReason };
}

/** Times as the control plane's JSON has them. */
export function timestamp(millis: number): string {
  return new Date(millis).toISOString();
}
