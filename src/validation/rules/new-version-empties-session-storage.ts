import { runtimeView } from '../runtime-view';
import { Template, TemplateResource, isRuntime } from '../template';

/** Session storage that every new version of the runtime empties, since no named endpoint can stay on an old one. */
export function newVersionEmptiesSessionStorage(resource: TemplateResource, template: Template): string[] {
  if (!isRuntime(resource) || template.endpointsOf(resource).length > 0) return [];
  return runtimeView(resource).filesystems
    .filter(({ sessionStorage }) => sessionStorage !== undefined)
    .map(({ sessionStorage }) => `session storage at ${mountPathText(sessionStorage?.mountPath)} is emptied by each deployment that changes the runtime, `
      + 'because sessions can only be on DEFAULT, which follows the newest version');
}

function mountPathText(path: unknown): string {
  return typeof path === 'string' ? path : 'a mount path that the deployment tells';
}
