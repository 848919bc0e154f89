import { EndpointRecord, RuntimeRecord, Transition, VersionRecord } from './records';
import { isTransient, ResourceStatus } from '../../../service/status';
import { ServiceError } from '../../service-error';

/** When a transition ends that lasts until it is let go. */
export const HELD = Number.MAX_SAFE_INTEGER;

/** The state at a point in time. */
export function statusAt(state: Transition, now: number): ResourceStatus | 'GONE' {
  return now < state.until ? state.during : state.then;
}

export function isGone(state: Transition, now: number): boolean {
  return statusAt(state, now) === 'GONE';
}

/** Why it failed, once it has. */
export function failureReasonAt(state: Transition, now: number): string | undefined {
  return now < state.until ? undefined : state.failureReason;
}

/** Refuses a mutation while an earlier one is on its way. */
export function requireSettled(what: string, state: Transition, now: number): void {
  const status = statusAt(state, now);
  if (isTransient(status)) {
    throw new ServiceError('ConflictException', `${what} is in state ${status}; wait until it is READY before changing it`);
  }
}

/** The version that an endpoint runs at a point in time. */
export function liveVersionAt(endpoint: EndpointRecord, now: number): string | undefined {
  return statusAt(endpoint.state, now) === 'READY' ? endpoint.targetVersion : endpoint.liveVersion;
}

export function newestVersion(runtime: RuntimeRecord): VersionRecord {
  return runtime.versions[runtime.versions.length - 1];
}

/** The versions of a runtime that can be seen. */
export function versionsAt(runtime: RuntimeRecord, now: number): VersionRecord[] {
  return runtime.versions.filter(({ deletion }) => !deletion || !isGone(deletion, now));
}
