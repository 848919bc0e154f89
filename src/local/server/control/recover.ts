import { ControlPlaneContext, purge } from './context';
import { letGo } from './held';
import { ControlPlaneState } from './records';

/**
 * Ends what the last run of the server began: sessions and code of what was being deleted go, as does code that belongs
 * to no version.
 */
export async function recover(context: ControlPlaneContext): Promise<void> {
  const { store, sessions, artifacts, clock } = context;
  for (const { id, state, endpoints } of store.state.runtimes) {
    if (state.during === 'DELETING' && state.then === 'GONE') {
      await sessions.forget(id);
      await artifacts.remove(id);
      continue;
    }
    for (const endpoint of endpoints) {
      if (endpoint.state.during === 'DELETING' && endpoint.state.then === 'GONE') await sessions.forget(id, endpoint.name);
    }
  }
  const now = clock.now();
  await artifacts.removeOrphans((runtimeId, version) => isKnown(store.state, runtimeId, version, now));
  await store.mutate(async (draft, commit) => {
    // the reads that would let them go are counted no more
    letGo(draft, now);
    purge(draft, now);
    await commit();
  });
}

function isKnown({ runtimes }: ControlPlaneState, runtimeId: string, version: string, now: number): boolean {
  const runtime = runtimes.find(({ id }) => id === runtimeId);
  return runtime?.versions.some((record) => record.version === version && !(record.deletion && now >= record.deletion.until)) ?? false;
}
