import { validateSessionId } from '../../service/session-id';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand } from '../template';

/** The id of the session that a command is to run in, where it is a given one. */
export function commandSession(resource: TemplateResource): string[] {
  const id = isCommand(resource) ? knownPart(resource.properties.SessionId) : undefined;
  return typeof id === 'string' ? validateSessionId(id) : [];
}
