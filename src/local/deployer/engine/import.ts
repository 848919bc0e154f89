import { isDeepStrictEqual } from 'node:util';
import { DeployerError, messageOf } from '../errors';
import { listed } from '../json';
import { wantedOf } from './operations';
import { StackSession } from './session';
import { ResourceRecord, StackState } from './state';
import { Failure, walk } from './walk';
import { PreparedTemplate } from '../template/prepared';

/** The ids of the resources to import, by the logical ids that they are to have. */
export type Imports = ReadonlyMap<string, string>;

/** What the CDK adds to a template; it changes with the constructs that an app uses, and `cdk import` leaves it out too. */
const CDK_METADATA_TYPE = 'AWS::CDK::Metadata';

/**
 * Refuses what CloudFormation refuses when the change set of an import is made: only then has nothing happened yet.
 *
 * @param others the other stacks, which may have a resource already
 * @throws DeployerError
 */
export async function refuseWrongImport(
  session: StackSession, prepared: PreparedTemplate, imports: Imports, others: readonly StackState[],
): Promise<void> {
  const { state } = session;
  const ids = [...imports.keys()];
  refuse(ids.filter((id) => !prepared.resources.has(id)), (found) => `the logical resource ids [${found}] provided in ResourceToImport do not exist in the template; `
    + `add the resources to it, or name one of ${listed([...prepared.resources.keys()].filter((id) => !state.resources[id])) || 'the new ones, of which there are none'}`);
  refuse(ids.filter((id) => state.resources[id]), (found) => `resources [${found}] passed in ResourceToImport are already in a stack and cannot be imported; choose other logical ids`);
  refuse([...prepared.resources].filter(([id, { Type }]) => !state.resources[id] && !imports.has(id) && Type !== CDK_METADATA_TYPE).map(([id]) => id),
    (found) => `resources [${found}] is missing from ResourceToImport list; import them too, or deploy them before or afterwards`);
  refuse(modified(session, prepared), (found) => `you have modified resources [${found}] in your template that are not being imported. `
    + 'Update, create or delete operations cannot be executed during import operations; deploy the changes before or afterwards');
  if (!isDeepStrictEqual(prepared.template.Outputs ?? {}, state.template.Outputs ?? {})) {
    throw new DeployerError('as part of the import operation, you cannot modify or add [Outputs]; deploy the change before or afterwards');
  }
  refuse(ids.filter((id) => prepared.resources.get(id)!.DeletionPolicy === undefined),
    (found) => `the following resources to import [${found}] must have DeletionPolicy attribute specified in the template; applyRemovalPolicy sets it`);

  const holders = [...others, state].flatMap(({ stackId, resources }) => Object.values(resources).map((record) => ({ stackId, ...record })));
  for (const [id, physicalId] of imports) {
    const type = prepared.resources.get(id)!.Type;
    const { importing } = session.handlerOf(type);
    if (!importing) throw new DeployerError(`resource ${id} cannot be imported: this is not possible for type ${type} here; leave it out of the import`);
    if (!await importing.exists(physicalId)) throw new DeployerError(`resource of type '${type}' with identifier '${physicalId}' was not found; check the id and the region`);
    const holder = holders.find((record) => record.type === type && record.physicalId === physicalId);
    if (holder) throw new DeployerError(`${physicalId} already exists in stack ${holder.stackId}; take it out of that one first, with DeletionPolicy Retain`);
  }
}

function refuse(found: readonly string[], message: (listing: string) => string): void {
  if (found.length > 0) throw new DeployerError(message(found.join(', ')));
}

/** What the stack has and the template says in other words, or no more. */
function modified({ state, world }: StackSession, prepared: PreparedTemplate): string[] {
  const isSame = ({ logicalId: id, properties }: ResourceRecord) => prepared.resources.has(id)
    && isDeepStrictEqual(prepared.template.Resources![id], state.template.Resources![id])
    && isDeepStrictEqual(prepared.properties(id, world), properties);
  return Object.values(state.resources).filter((record) => record.type !== CDK_METADATA_TYPE && !isSame(record)).map(({ logicalId }) => logicalId);
}

/**
 * Takes existing resources into the stack, each after those that it depends on. The state is not saved before all of them
 * are in it, so that an import that is cut short has taken nothing.
 */
export async function importResources(session: StackSession, prepared: PreparedTemplate, imports: Imports): Promise<readonly Failure[]> {
  const graph = new Map([...imports.keys()].map((id) => [id, prepared.graph.get(id)!]));
  const { failures } = await walk(graph, (id) => importResource(session, prepared, id, imports.get(id)!), 'stop');
  return failures;
}

async function importResource(session: StackSession, prepared: PreparedTemplate, logicalId: string, physicalId: string): Promise<string | undefined> {
  const { Type: type } = prepared.resources.get(logicalId)!;
  session.report(logicalId, type, 'IMPORT_IN_PROGRESS', physicalId);
  try {
    const wanted = wantedOf(prepared, logicalId, prepared.properties(logicalId, session.world));
    const { attributes, data } = await session.handlerOf(type).importing!.take({ ...session.request(wanted), physicalId });
    session.state.resources[logicalId] = { ...wanted, status: 'IMPORT_COMPLETE', physicalId, attributes, data };
    return session.report(logicalId, type, 'IMPORT_COMPLETE', physicalId);
  } catch (error) {
    return session.report(logicalId, type, 'IMPORT_FAILED', physicalId, messageOf(error));
  }
}

/** Gives back what an import that failed has taken. */
export async function giveBackImports(session: StackSession, imports: Imports): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const logicalId of imports.keys()) {
    const record = session.state.resources[logicalId];
    if (!record) continue;
    const { type, physicalId } = record;
    delete session.state.resources[logicalId];
    session.report(logicalId, type, 'IMPORT_ROLLBACK_IN_PROGRESS', physicalId);
    try {
      await session.handlerOf(type).importing!.giveBack({ ...session.request(record), physicalId: physicalId! });
      session.report(logicalId, type, 'IMPORT_ROLLBACK_COMPLETE', physicalId);
    } catch (error) {
      const reason = messageOf(error);
      session.report(logicalId, type, 'IMPORT_ROLLBACK_FAILED', physicalId, reason);
      failures.push({ logicalId, reason });
    }
  }
  return failures;
}
