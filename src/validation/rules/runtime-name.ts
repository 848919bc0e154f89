import { validateRuntimeName } from '../../service/names';
import { knownPart } from '../intrinsics';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** The name of a runtime: a letter, then letters, digits and underscores, 48 in all. */
export function runtimeName(resource: TemplateResource): string[] {
  if (!isRuntime(resource)) return [];
  const name = knownPart(resource.properties.AgentRuntimeName);
  if (typeof name === 'string') return validateRuntimeName(name);
  return runtimeView(resource).violations.filter(({ path }) => path === 'agentRuntimeName').map(({ path, message }) => `${path}: ${message}`);
}
