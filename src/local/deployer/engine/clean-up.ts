import { StackStatus } from './events';
import { deleteReplaced, deleteResource } from './operations';
import { StackSession } from './session';
import { ResourceRecord } from './state';
import { walk } from './walk';
import { reversed } from '../template/graph';

/**
 * Deletes the given resources and all replaced ones, dependents first. As in CloudFormation's clean-up phase, what cannot
 * be deleted is told of and abandoned.
 *
 * @param status entered only where there is something to do
 */
export async function cleanUp(session: StackSession, removed: readonly ResourceRecord[], status?: StackStatus): Promise<void> {
  const { state } = session;
  const goingBack = status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
  const nodes = new Map<string, { record: ResourceRecord; isReplaced: boolean }>([
    ...removed.map((record) => [record.logicalId, { record, isReplaced: false }] as [string, { record: ResourceRecord; isReplaced: boolean }]),
    ...state.obsolete.map((record, i) => [`${record.logicalId}#${i}`, { record, isReplaced: true }] as [string, { record: ResourceRecord; isReplaced: boolean }]),
  ]);
  if (nodes.size === 0) return;
  if (status) session.enter(status);

  const before = (record: ResourceRecord) => [...nodes]
    .filter(([, other]) => other.record.logicalId !== record.logicalId && record.dependsOn.includes(other.record.logicalId))
    .map(([node]) => node);
  const graph = new Map([...nodes].map(([node, { record }]) => [node, new Set(before(record))]));
  const visit = async (node: string) => {
    const { record, isReplaced } = nodes.get(node)!;
    if (isReplaced) return deleteReplaced(session, record);
    const reason = await deleteResource(session, record, goingBack ? 'CREATE_FAILED' : 'REMOVED');
    if (reason !== undefined) session.drop(record.logicalId);
    return reason;
  };
  const { skipped } = await walk(reversed(graph), visit, 'ignore');
  // records of different templates may depend on each other in a circle: then no order is right
  for (const node of skipped) await visit(node);
}
