import { validateFilesystemCounts } from '../../service/filesystems';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** How many filesystems a runtime has, in all and of each kind. */
export function filesystemCount(resource: TemplateResource): string[] {
  return isRuntime(resource) ? validateFilesystemCounts(runtimeView(resource).filesystems) : [];
}
