import { validateEnvironment } from '../../service/command-line';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand } from '../template';

/** The variables of a command: names that a shell can set, values that a process can get. */
export function commandEnvironment(resource: TemplateResource): string[] {
  const environment = isCommand(resource) ? knownPart(resource.properties.Environment) : undefined;
  if (typeof environment !== 'object' || environment === null) return [];
  return validateEnvironment(Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, typeof value === 'string' ? value : ''])));
}
