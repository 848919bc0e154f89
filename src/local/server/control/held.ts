import { ControlPlaneState, Transition } from './records';
import { HELD } from './transition';

/** Ends the transitions that last until they are let go: those of one runtime and its endpoints, or of all. */
export function letGo(draft: ControlPlaneState, now: number, runtimeId?: string): void {
  const end = (state: Transition): Transition => state.until === HELD ? { ...state, until: now } : state;
  for (const runtime of draft.runtimes.filter(({ id }) => runtimeId === undefined || id === runtimeId)) {
    runtime.state = end(runtime.state);
    for (const endpoint of runtime.endpoints) endpoint.state = end(endpoint.state);
    for (const version of runtime.versions) version.deletion = version.deletion && end(version.deletion);
  }
}
