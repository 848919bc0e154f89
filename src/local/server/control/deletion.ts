import { ControlPlaneContext, Mutation } from './context';
import { EndpointRecord, RuntimeRecord } from './records';

/** Frees what deleted things used; where that fails, they stay as DELETE_FAILED and can be deleted again. */
export async function endDeletion(
  { log }: ControlPlaneContext, { commit }: Mutation, things: readonly (RuntimeRecord | EndpointRecord)[], free: () => Promise<void>,
): Promise<void> {
  try {
    await free();
  } catch (error) {
    const reason = `sessions and files could not be removed: ${(error as Error).message}`;
    log(`deletion of ${things[0].id} failed: ${reason}`);
    for (const thing of things) thing.state = { ...thing.state, then: 'DELETE_FAILED', failureReason: reason };
    await commit();
  }
}
