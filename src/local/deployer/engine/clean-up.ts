import { StackStatus } from './events';
import { deleteReplaced, deleteResource } from './operations';
import { StackSession } from './session';
import { DeleteCause, ResourceRecord } from './state';
import { walk } from './walk';
import { reversed } from '../template/graph';

/** One thing to do in a clean-up, and the resource that it is about. */
interface Step {
  readonly record: ResourceRecord;
  readonly work: () => Promise<string | undefined>;
}

/**
 * Deletes the given resources and all replaced ones, dependents first, and lets those that stay clean up within themselves: nested
 * stacks. As in CloudFormation's clean-up phase, what cannot be deleted is reported and abandoned.
 *
 * @param status entered only if there is something to do; without one, the resources that stay are left alone
 */
export async function cleanUp(session: StackSession, removed: readonly ResourceRecord[], status?: StackStatus): Promise<void> {
  const { state } = session;
  const cause: DeleteCause = status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' ? 'CREATE_FAILED' : 'REMOVED';
  const steps = new Map<string, Step>([
    ...removed.map((record) => [record.logicalId, { record, work: async () => abandon(session, record, cause) }] as const),
    ...state.obsolete.map((record, i) => [`${record.logicalId}#${i}`, { record, work: async () => deleteReplaced(session, record, cause) }] as const),
    ...(status ? pendingCleanUps(session, removed) : []),
  ]);
  if (steps.size === 0) return;
  // a nested stack has been in this status since its own update ended
  if (status && state.status !== status) session.enter(status);

  const before = (record: ResourceRecord) => [...steps]
    .filter(([, other]) => other.record.logicalId !== record.logicalId && record.dependsOn.includes(other.record.logicalId))
    .map(([node]) => node);
  const graph = new Map([...steps].map(([node, { record }]) => [node, new Set(before(record))]));
  const visit = async (node: string) => steps.get(node)!.work();
  const { skipped } = await walk(reversed(graph), visit, 'ignore');
  // records of different templates may depend on each other in a circle: then no order is right
  for (const node of skipped) await visit(node);
}

async function abandon(session: StackSession, record: ResourceRecord, cause: DeleteCause): Promise<string | undefined> {
  const reason = await deleteResource(session, record, cause);
  if (reason !== undefined) session.drop(record.logicalId);
  return reason;
}

/** Whether a nested stack waits for its clean-up. */
export function awaitsCleanUp(session: StackSession): boolean {
  return pendingCleanUps(session, []).length > 0;
}

function pendingCleanUps(session: StackSession, removed: readonly ResourceRecord[]): (readonly [string, Step])[] {
  const gone = new Set(removed.map(({ logicalId }) => logicalId));
  return Object.values(session.state.resources).flatMap((record) => {
    const { logicalId, type, physicalId, data } = record;
    if (gone.has(logicalId) || physicalId === undefined) return [];
    const pending = session.handlerOf(type).pendingCleanUp?.({ ...session.request(record), physicalId, data });
    const work = pending && (async () => {
      await pending();
      return undefined;
    });
    return work ? [[logicalId, { record, work }] as const] : [];
  });
}
