import { validateMountPaths } from '../../service/filesystems';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** The mount paths of a runtime: each below `/mnt`, no two the same. */
export function mountPath(resource: TemplateResource): string[] {
  return isRuntime(resource) ? validateMountPaths(runtimeView(resource).mountPaths) : [];
}
