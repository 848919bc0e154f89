import { validateCommandTimeout } from '../../service/command';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand } from '../template';

/** The time-out of a command: 1 to 3600 whole seconds. */
export function commandTimeout(resource: TemplateResource): string[] {
  const timeout = isCommand(resource) ? knownPart(resource.properties.Timeout) : undefined;
  return timeout === undefined || typeof timeout === 'symbol' ? [] : validateCommandTimeout(Number(timeout));
}
