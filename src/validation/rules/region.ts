import { validateRegion } from '../../service/regions';
import { runtimeView } from '../runtime-view';
import { Template, TemplateResource, isRuntime } from '../template';

/** Regions that are not known to have runtimes on the compute that is wanted. */
export function region(resource: TemplateResource, template: Template): string[] {
  if (!isRuntime(resource) || template.region === undefined) return [];
  const { capacityProvider } = runtimeView(resource);
  return capacityProvider === undefined ? [] : validateRegion(template.region, capacityProvider ? 'Instances' : 'microVM');
}
