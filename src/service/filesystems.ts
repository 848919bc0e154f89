import { normalizeMountPath, validateMountPath } from './mount-path';

/** A mount of a runtime as the API has it: exactly one member is set. */
export interface FilesystemConfiguration {
  readonly sessionStorage?: { readonly mountPath: string };
  readonly s3FilesAccessPoint?: { readonly accessPointArn: string; readonly mountPath: string };
  readonly efsAccessPoint?: { readonly accessPointArn: string; readonly mountPath: string };
  readonly capacityProviderVolume?: { readonly volumeName: string; readonly mountPath: string };
}

/** What the rules look at besides the mounts themselves. */
export interface FilesystemContext {
  readonly vpc: boolean;
  readonly capacityProvider: boolean;
}

/** How many mounts a runtime may have, in all and by kind. */
export const FILESYSTEM_LIMITS = {
  total: 5,
  sessionStorage: 1,
  s3FilesAccessPoint: 2,
  efsAccessPoint: 2,
  capacityProviderVolume: 5,
} as const;

type Kind = keyof FilesystemConfiguration;

export function mountPathOf(filesystem: FilesystemConfiguration): string | undefined {
  return Object.values(filesystem).find((member) => member !== undefined)?.mountPath;
}

/**
 * What is wrong with the mounts of one runtime, taken together.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export function validateFilesystems(filesystems: readonly FilesystemConfiguration[], context: FilesystemContext): string[] {
  const errors: string[] = [];
  const count = (kind: Kind) => filesystems.filter((filesystem) => filesystem[kind] !== undefined).length;

  if (filesystems.length > FILESYSTEM_LIMITS.total) {
    errors.push(`${filesystems.length} filesystems, a runtime takes ${FILESYSTEM_LIMITS.total} at most`);
  }
  for (const kind of ['sessionStorage', 's3FilesAccessPoint', 'efsAccessPoint', 'capacityProviderVolume'] as const) {
    if (count(kind) > FILESYSTEM_LIMITS[kind]) errors.push(`${count(kind)} filesystems of kind ${kind}, a runtime takes ${FILESYSTEM_LIMITS[kind]} at most`);
  }
  if (!context.vpc && count('s3FilesAccessPoint') + count('efsAccessPoint') > 0) {
    errors.push('EFS and S3 Files access points need network mode VPC, got PUBLIC');
  }
  if (context.capacityProvider && count('capacityProviderVolume') < filesystems.length) {
    errors.push('a runtime on a capacity provider takes filesystems of kind capacityProviderVolume only');
  }
  if (!context.capacityProvider && count('capacityProviderVolume') > 0) {
    errors.push('filesystems of kind capacityProviderVolume need a capacity provider');
  }

  const seen = new Set<string>();
  for (const path of filesystems.map(mountPathOf)) {
    if (path === undefined) continue;
    errors.push(...validateMountPath(path));
    const normal = normalizeMountPath(path);
    if (seen.has(normal)) errors.push(`mount path ${normal} is used twice, each filesystem needs its own`);
    seen.add(normal);
  }
  return errors;
}
