import { validateEndpointName } from '../../service/names';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand, isEndpoint } from '../template';

/** The names of endpoints, where they are declared and where commands use them. */
export function endpointName(resource: TemplateResource): string[] {
  const name = knownPart(isEndpoint(resource) ? resource.properties.Name : isCommand(resource) ? resource.properties.Qualifier : undefined);
  return typeof name === 'string' ? validateEndpointName(name) : [];
}
