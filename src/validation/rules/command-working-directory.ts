import { validateWorkingDirectory } from '../../service/command-line';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand } from '../template';

/** The directory of a command: an absolute path. */
export function commandWorkingDirectory(resource: TemplateResource): string[] {
  const directory = isCommand(resource) ? knownPart(resource.properties.WorkingDirectory) : undefined;
  return typeof directory === 'string' ? validateWorkingDirectory(directory) : [];
}
