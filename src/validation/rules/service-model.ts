import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** What rules of their own look at. */
const ELSEWHERE = /^(agentRuntimeName|lifecycleConfiguration.*|filesystemConfigurations(\[\d+\]\.\w+\.mountPath)?)$/;

/** Every value of a runtime by the service's own model: types, lengths, patterns, enumerations, what is required. */
export function serviceModel(resource: TemplateResource): string[] {
  if (!isRuntime(resource)) return [];
  return runtimeView(resource).violations
    .filter(({ path }) => !ELSEWHERE.test(path))
    .map(({ path, message }) => (path ? `${path}: ${message}` : message));
}
