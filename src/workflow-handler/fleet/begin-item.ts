import { digest } from '../../provider/digest';
import { describe } from '../../service/model/validate';
import { composeSessionId, validateSessionId } from '../../service/session-id';
import { BeginItemTask, BegunItem, FleetItem } from '../contract';
import { TaskError } from '../task-error';

/** The session that an item names: itself where it is text, else its `sessionId`, which a cell of CSV may leave empty. */
function namedSession(item: unknown): unknown {
  if (typeof item === 'string') return item;
  const { sessionId } = typeof item === 'object' && item !== null ? item as { readonly sessionId?: unknown } : {};
  return sessionId === '' || sessionId === null ? undefined : sessionId;
}

/**
 * The session of an item: the one that it names, or one of its own.
 *
 * @throws TaskError `InvalidInput` where it names one that cannot be
 */
export function sessionOfItem({ item, index, fleet }: Pick<FleetItem, 'item' | 'index' | 'fleet'>): string {
  const named = namedSession(item);
  if (named === undefined) return composeSessionId(`${fleet.split(':').at(-1)!}-${index}`, digest(fleet, String(index)));
  const faults = typeof named === 'string' ? validateSessionId(named) : [`sessionId ${describe(named)} is not a text`];
  if (faults.length > 0) throw new TaskError('invalidInput', `item ${index}: ${faults.join('; ')}`);
  return named as string;
}

/** Which session an item has, and when it is its turn. */
export function beginItem({ item, perSecond }: BeginItemTask): BegunItem {
  const turn = Date.parse(item.startedAt) + Math.ceil(item.turn / perSecond * 1_000);
  return { ...item, sessionId: sessionOfItem(item), notBefore: new Date(turn).toISOString() };
}
