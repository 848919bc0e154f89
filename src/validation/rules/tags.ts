import { validateTagKeys } from '../../service/tags';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** Tags that only AWS may set. */
export function tags(resource: TemplateResource): string[] {
  return isRuntime(resource) ? validateTagKeys(runtimeView(resource).tagKeys) : [];
}
