import { validateFilesystemCompute } from '../../service/filesystems';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** Volumes go with a capacity provider, everything else with a microVM. */
export function filesystemCompute(resource: TemplateResource): string[] {
  if (!isRuntime(resource)) return [];
  const { filesystems, capacityProvider } = runtimeView(resource);
  return capacityProvider === undefined ? [] : validateFilesystemCompute(filesystems, capacityProvider);
}
