import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../errors';
import { JsonObject } from '../json';
import { ResourceFailure, ResourceHandler } from './handler';
import { StackSession } from './session';
import { DeleteCause, ResourceRecord } from './state';
import { PreparedTemplate } from '../template/prepared';

/** Brings one resource to where the template wants it; resolves to the reason where that failed. */
export async function applyResource(
  session: StackSession, target: PreparedTemplate, logicalId: string, goingBack: boolean,
): Promise<string | undefined> {
  const definition = target.resources.get(logicalId)!;
  const { resources } = session.state;
  const handler = session.handlerOf(definition.Type);
  let properties: JsonObject;
  try {
    properties = target.properties(logicalId, session.world);
  } catch (error) {
    // the resource itself is as it was: nothing to roll back or to delete
    return session.report(logicalId, definition.Type, resources[logicalId] ? 'UPDATE_FAILED' : 'CREATE_FAILED', resources[logicalId]?.physicalId, messageOf(error));
  }
  const wanted = wantedOf(target, logicalId, properties);

  let record: ResourceRecord | undefined = resources[logicalId];
  if (record && !isWhole(record)) {
    // what an interrupted deployment began has to go before its name can be used again
    const reason = await deleteResource(session, record, 'CREATE_FAILED');
    if (reason !== undefined) return reason;
    record = undefined;
  }
  if (!record) return createResource(session, handler, wanted);
  if (record.type !== definition.Type) {
    return session.report(logicalId, definition.Type, 'UPDATE_FAILED', record.physicalId, `update of resource type is not permitted: it was ${record.type}; give the resource another id`);
  }
  if (goingBack && !handler.replacesItself) record = takeBackReplaced(session, record);
  if (isSettled(record) && isDeepStrictEqual(record.properties, properties)) {
    session.put({ ...record, ...wanted });
    return undefined;
  }
  const refusal = handler.refusal?.(record.properties, properties);
  if (refusal !== undefined) return session.report(logicalId, definition.Type, 'UPDATE_FAILED', record.physicalId, refusal);
  if (handler.replaces?.(record.properties, properties)) return replaceResource(session, handler, record, wanted);
  return updateResource(session, handler, record, wanted, goingBack);
}

export type Wanted = Pick<ResourceRecord, 'logicalId' | 'type' | 'properties' | 'dependsOn' | 'deletionPolicy' | 'updateReplacePolicy'>;

/** What a template says of a resource. */
export function wantedOf(target: PreparedTemplate, logicalId: string, properties: JsonObject): Wanted {
  const { Type: type, DeletionPolicy: deletionPolicy, UpdateReplacePolicy: updateReplacePolicy } = target.resources.get(logicalId)!;
  return { logicalId, type, properties, dependsOn: [...target.graph.get(logicalId)!], deletionPolicy, updateReplacePolicy };
}

/** Whether its create, or its import, ended well at some time. */
function isWhole(record: ResourceRecord): boolean {
  return record.status === 'CREATE_COMPLETE' || record.status === 'IMPORT_COMPLETE' || record.status.startsWith('UPDATE_');
}

/** Whether its properties are known to be what the record says. */
export function isSettled(record: ResourceRecord): boolean {
  return ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'].includes(record.status);
}

async function createResource(session: StackSession, handler: ResourceHandler, wanted: Wanted): Promise<string | undefined> {
  const { logicalId, type } = wanted;
  const request = session.request(wanted);
  const provisionalId = handler.provisionalId?.(request);
  session.put({ ...wanted, status: 'CREATE_IN_PROGRESS', physicalId: provisionalId, attributes: {} });
  session.report(logicalId, type, 'CREATE_IN_PROGRESS');
  try {
    const { physicalId, attributes, data } = await handler.create({ ...request, provisionalId });
    return session.complete({ ...wanted, status: 'CREATE_COMPLETE', physicalId, attributes, data }, 'CREATE_COMPLETE');
  } catch (error) {
    const physicalId = leftBehind(error);
    session.put({ ...wanted, status: 'CREATE_FAILED', physicalId, attributes: {} });
    return session.report(logicalId, type, 'CREATE_FAILED', physicalId, messageOf(error));
  }
}

async function updateResource(
  session: StackSession, handler: ResourceHandler, record: ResourceRecord, wanted: Wanted, goingBack: boolean,
): Promise<string | undefined> {
  const { logicalId, type } = wanted;
  const physicalId = record.physicalId!;
  const attempted: ResourceRecord = { ...record, ...wanted, status: 'UPDATE_IN_PROGRESS' };
  session.put(attempted);
  session.report(logicalId, type, 'UPDATE_IN_PROGRESS', physicalId);
  try {
    const result = await handler.update({ ...session.request(wanted), physicalId, data: record.data, oldProperties: record.properties, goingBack });
    if (result.physicalId !== physicalId) {
      session.state.obsolete.push(record);
      session.report(logicalId, type, 'UPDATE_IN_PROGRESS', result.physicalId, 'the requested update has made a new physical resource; the old one is deleted in the clean-up');
    }
    return session.complete({ ...attempted, ...result, data: result.data, status: 'UPDATE_COMPLETE' }, 'UPDATE_COMPLETE');
  } catch (error) {
    session.put({ ...attempted, status: 'UPDATE_FAILED' });
    return session.report(logicalId, type, 'UPDATE_FAILED', physicalId, messageOf(error));
  }
}

async function replaceResource(session: StackSession, handler: ResourceHandler, record: ResourceRecord, wanted: Wanted): Promise<string | undefined> {
  const { logicalId, type } = wanted;
  session.report(logicalId, type, 'UPDATE_IN_PROGRESS', record.physicalId, 'the requested update needs a new physical resource; making it');
  try {
    const { physicalId, attributes, data } = await handler.create(session.request(wanted));
    session.state.obsolete.push(record);
    return session.complete({ ...wanted, status: 'UPDATE_COMPLETE', physicalId, attributes, data }, 'UPDATE_COMPLETE');
  } catch (error) {
    const physicalId = leftBehind(error);
    if (physicalId !== undefined) session.state.obsolete.push({ ...record, ...wanted, status: 'CREATE_FAILED', physicalId });
    session.save();
    return session.report(logicalId, type, 'UPDATE_FAILED', record.physicalId, messageOf(error));
  }
}

/** On the way back, the resource that was replaced takes its place again, and its replacement becomes obsolete. */
function takeBackReplaced(session: StackSession, record: ResourceRecord): ResourceRecord {
  const { state } = session;
  const old = state.obsolete.find(({ logicalId, status }) => logicalId === record.logicalId && status !== 'CREATE_FAILED');
  if (!old) return record;
  state.obsolete = state.obsolete.filter((obsolete) => obsolete !== old);
  state.obsolete.push(record);
  session.put(old);
  session.report(old.logicalId, old.type, 'UPDATE_COMPLETE', old.physicalId);
  return old;
}

function leftBehind(error: unknown): string | undefined {
  return error instanceof ResourceFailure ? error.physicalId : undefined;
}

/**
 * Deletes a resource of the stack, or leaves it where its policy says so; resolves to the reason where that failed.
 *
 * @param cause what a policy of `RetainExceptOnCreate` looks at
 */
export async function deleteResource(session: StackSession, record: ResourceRecord, cause: DeleteCause): Promise<string | undefined> {
  const reason = await deletePhysical(session, record, cause, isRetained(record.deletionPolicy, cause));
  if (reason === undefined) session.drop(record.logicalId);
  else session.put({ ...record, status: 'DELETE_FAILED' });
  return reason;
}

function isRetained(policy: string | undefined, cause: DeleteCause): boolean {
  return policy === 'Retain' || (policy === 'RetainExceptOnCreate' && cause === 'REMOVED');
}

/** Deletes a resource that was replaced, unless its policy or its return to use says otherwise. */
export async function deleteReplaced(session: StackSession, record: ResourceRecord, cause: DeleteCause): Promise<string | undefined> {
  const { state } = session;
  // a provider may have gone back to the very resource that it had replaced
  const isInUse = state.resources[record.logicalId]?.physicalId === record.physicalId;
  const isKept = record.updateReplacePolicy === 'Retain' && record.status !== 'CREATE_FAILED';
  const reason = isInUse ? undefined : await deletePhysical(session, record, cause, isKept);
  state.obsolete = state.obsolete.filter((other) => other !== record);
  session.save();
  return reason;
}

async function deletePhysical(session: StackSession, record: ResourceRecord, cause: DeleteCause, retained: boolean): Promise<string | undefined> {
  const { logicalId, type, physicalId, data } = record;
  if (retained) {
    session.report(logicalId, type, 'DELETE_SKIPPED', physicalId);
    return undefined;
  }
  session.report(logicalId, type, 'DELETE_IN_PROGRESS', physicalId);
  try {
    // without an id there never was anything
    if (physicalId !== undefined) await session.handlerOf(type).delete({ ...session.request(record), physicalId, data, cause });
    return session.complete(record, 'DELETE_COMPLETE');
  } catch (error) {
    return session.report(logicalId, type, 'DELETE_FAILED', physicalId, messageOf(error));
  }
}
