import { validateFilesystemNetwork } from '../../service/filesystems';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** EFS and S3 Files are reached through a VPC. */
export function filesystemNetwork(resource: TemplateResource): string[] {
  if (!isRuntime(resource)) return [];
  const { filesystems, vpc, capacityProvider } = runtimeView(resource);
  return vpc === undefined || capacityProvider === undefined ? [] : validateFilesystemNetwork(filesystems, { vpc, capacityProvider });
}
