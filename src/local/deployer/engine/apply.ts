import { messageOf } from '../errors';
import { refuseChangedExports, refuseTakenExports } from './exports';
import { applyResource, deleteResource } from './operations';
import { StackSession } from './session';
import { DeleteCause, ResourceRecord, StackState } from './state';
import { Failure, walk } from './walk';
import { Graph, reversed } from '../template/graph';
import { PreparedTemplate } from '../template/prepared';

/** Brings all resources to the template and evaluates its outputs. */
export async function applyTemplate(session: StackSession, prepared: PreparedTemplate, goingBack: boolean): Promise<readonly Failure[]> {
  session.forgetImports();
  const { failures } = await walk(prepared.graph, (id) => applyResource(session, prepared, id, goingBack), 'stop');
  if (failures.length > 0) return failures;
  try {
    const outputs = prepared.outputs(session.world);
    const all = session.allStacks();
    refuseTakenExports(session.state, outputs, all);
    // a value that did not come back as it was must not hold up the rollback
    if (!goingBack) refuseChangedExports(session.state, outputs, all);
    Object.assign(session.state, { outputs, imports: session.imports });
    session.save();
    return [];
  } catch (error) {
    return [{ logicalId: session.state.stackName, reason: messageOf(error) }];
  }
}

/** Deletes resources, dependents first; resolves to what could not be deleted. */
export async function deleteResources(session: StackSession, records: readonly ResourceRecord[], cause: DeleteCause): Promise<readonly Failure[]> {
  const ids = new Set(records.map(({ logicalId }) => logicalId));
  const graph: Graph = new Map(records.map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn.filter((id) => ids.has(id)))]));
  const { failures } = await walk(reversed(graph), (id) => deleteResource(session, session.state.resources[id], cause), 'continue');
  return failures;
}

/** The resources that a stack has and a template does not name. */
export function removedFrom(state: StackState, prepared: PreparedTemplate): ResourceRecord[] {
  return Object.values(state.resources).filter(({ logicalId }) => !prepared.resources.has(logicalId));
}

/** Why a stack fails: the resources that did. */
export function failedTo(action: string, failures: readonly Failure[]): string {
  return `The following resource(s) failed to ${action}: [${failures.map(({ logicalId }) => logicalId).join(', ')}].`;
}
