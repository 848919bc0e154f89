import { describe } from './model/validate';
import { normalizeMountPath, validateMountPath } from './mount-path';

/** A mount of a runtime as the API has it: exactly one member is set. */
export interface FilesystemConfiguration {
  readonly sessionStorage?: { readonly mountPath: string };
  readonly s3FilesAccessPoint?: { readonly accessPointArn: string; readonly mountPath: string };
  readonly efsAccessPoint?: { readonly accessPointArn: string; readonly mountPath: string };
  readonly capacityProviderVolume?: { readonly volumeName: string; readonly mountPath: string };
}

/** The kinds of mounts that there are. */
export type FilesystemKind = keyof FilesystemConfiguration;

/** What the rules look at in a mount; what is not known yet is left out. */
export type FilesystemSketch = { readonly [kind in FilesystemKind]?: { readonly mountPath?: string; readonly volumeName?: string } };

/** What the rules look at besides the mounts themselves. */
export interface FilesystemContext {
  readonly vpc: boolean;
  readonly capacityProvider: boolean;
  /** The names of the volumes that the capacity provider defines, where they are known. */
  readonly volumes?: readonly string[];
}

/** How many mounts a runtime may have, in all and by kind. */
export const FILESYSTEM_LIMITS = {
  total: 5,
  sessionStorage: 1,
  s3FilesAccessPoint: 2,
  efsAccessPoint: 2,
  capacityProviderVolume: 5,
} as const;

export const FILESYSTEM_KINDS: readonly FilesystemKind[] = ['sessionStorage', 's3FilesAccessPoint', 'efsAccessPoint', 'capacityProviderVolume'];

/** The port on which EFS and S3 Files mount targets listen. */
export const NFS_PORT = 2049;

export function mountPathOf(filesystem: FilesystemSketch): string | undefined {
  return Object.values(filesystem).find((member) => member !== undefined)?.mountPath;
}

/**
 * What is wrong with the mounts of one runtime, taken together.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export function validateFilesystems(filesystems: readonly FilesystemSketch[], context: FilesystemContext): string[] {
  return [
    ...validateFilesystemCounts(filesystems),
    ...validateFilesystemCompute(filesystems, context.capacityProvider),
    ...validateFilesystemNetwork(filesystems, context),
    ...validateVolumeNames(filesystems, context.volumes),
    ...validateMountPaths(filesystems.map(mountPathOf)),
  ];
}

/** What is wrong with how many mounts there are, in all and of each kind. */
export function validateFilesystemCounts(filesystems: readonly FilesystemSketch[]): string[] {
  return [
    ...(filesystems.length > FILESYSTEM_LIMITS.total ? [`${filesystems.length} filesystems, a runtime takes ${FILESYSTEM_LIMITS.total} at most`] : []),
    ...FILESYSTEM_KINDS.filter((kind) => count(filesystems, kind) > FILESYSTEM_LIMITS[kind])
      .map((kind) => `${count(filesystems, kind)} filesystems of kind ${kind}, a runtime takes ${FILESYSTEM_LIMITS[kind]} at most`),
  ];
}

/** What is wrong with mounts on the compute of their runtime: microVM, or the instances of a capacity provider. */
export function validateFilesystemCompute(filesystems: readonly FilesystemSketch[], capacityProvider: boolean): string[] {
  const volumes = count(filesystems, 'capacityProviderVolume');
  if (capacityProvider && volumes < filesystems.length) return ['a runtime on a capacity provider takes filesystems of kind capacityProviderVolume only'];
  if (!capacityProvider && volumes > 0) return ['filesystems of kind capacityProviderVolume need a capacity provider'];
  return [];
}

/** What is wrong with mounts on the network of a runtime on a microVM. */
export function validateFilesystemNetwork(filesystems: readonly FilesystemSketch[], { vpc, capacityProvider }: FilesystemContext): string[] {
  if (vpc || capacityProvider || count(filesystems, 's3FilesAccessPoint') + count(filesystems, 'efsAccessPoint') === 0) return [];
  return ['EFS and S3 Files access points need network mode VPC, got PUBLIC'];
}

/** What is wrong with the volumes that are mounted, where it is known which ones the capacity provider defines. */
export function validateVolumeNames(filesystems: readonly FilesystemSketch[], volumes?: readonly string[]): string[] {
  if (volumes === undefined) return [];
  return filesystems.map(({ capacityProviderVolume: volume }) => volume?.volumeName)
    .filter((name) => name !== undefined && !volumes.includes(name))
    .map((name) => `volume ${describe(name)} is not among those that the capacity provider defines: ${volumes.join(', ') || 'none'}`);
}

/** What is wrong with the mount paths of one runtime: each by itself, and where two are the same. */
export function validateMountPaths(paths: readonly (string | undefined)[]): string[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    if (path === undefined) return [];
    const normal = normalizeMountPath(path);
    const twice = seen.has(normal);
    seen.add(normal);
    return [...validateMountPath(path), ...(twice ? [`mount path ${normal} is used twice, each filesystem needs its own`] : [])];
  });
}

function count(filesystems: readonly FilesystemSketch[], kind: FilesystemKind): number {
  return filesystems.filter((filesystem) => filesystem[kind] !== undefined).length;
}
