import { TakeStrikes } from './deployment-book';
import { DeleteRequest, HandlerLookup, ResourceHandler } from '../deployer/engine/handler';
import { messageOf } from '../deployer/errors';

/** Handlers with the faults of kind `repeatDelete`. */
export function faultyHandlers(lookup: HandlerLookup, take: TakeStrikes): HandlerLookup {
  return (type) => {
    const handler = lookup(type);
    if (!handler) return undefined;
    // all but `delete` comes from the handler itself, whose members live in its prototype
    const faulty: ResourceHandler = Object.create(handler);
    faulty.delete = async (request) => deleteRepeatedly(handler, request, take);
    return faulty;
  };
}

async function deleteRepeatedly(handler: ResourceHandler, request: DeleteRequest, take: TakeStrikes): Promise<void> {
  const { stack: { stackName: stack }, logicalId, type } = request;
  const [strike] = take('repeatDelete', { stack, logicalId, type, request: 'Delete' });
  if (!strike) return handler.delete(request);
  const { deletes, concurrent } = strike.fault;
  strike.apply(`${deletes} times ${concurrent ? 'at once' : 'in turn'}`);
  const once = async (n: number) => handler.delete(request).then(
    () => strike.observe(`Delete ${n + 1} succeeded`),
    (error) => {
      strike.observe(`Delete ${n + 1} failed: ${messageOf(error)}`);
      throw error;
    },
  );
  if (concurrent) {
    const results = await Promise.allSettled(Array.from({ length: deletes }, async (_, n) => once(n)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  } else {
    for (let n = 0; n < deletes; n++) await once(n);
  }
}
