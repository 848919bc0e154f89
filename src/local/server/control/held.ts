import { ControlPlaneState, Transition } from './records';
import { HELD } from './transition';

/** Ends the transitions that last until they are let go: those of one runtime and its endpoints, of one capacity provider, or of all. */
export function letGo(draft: ControlPlaneState, now: number, resourceId?: string): void {
  const isMeant = ({ id }: { readonly id: string }) => resourceId === undefined || id === resourceId;
  const end = (state: Transition): Transition => state.until === HELD ? { ...state, until: now } : state;
  for (const runtime of draft.runtimes.filter(isMeant)) {
    runtime.state = end(runtime.state);
    for (const endpoint of runtime.endpoints) endpoint.state = end(endpoint.state);
    for (const version of runtime.versions) version.deletion = version.deletion && end(version.deletion);
  }
  for (const provider of draft.capacityProviders.filter(isMeant)) provider.state = end(provider.state);
}
