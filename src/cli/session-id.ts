import { UserError } from './user-error';
import { validateSessionId } from '../service/session-id';

/** @throws UserError for what is no session id */
export function checkedSession(id: string): string {
  const faults = validateSessionId(id);
  if (faults.length > 0) throw new UserError(faults.join('; '));
  return id;
}
