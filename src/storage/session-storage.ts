import { Names, Size, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CapacityProvider } from './capacity-provider';
import { ICapacityProvider } from './capacity-provider-base';
import { Mount } from './mount';
import { throwFaults } from '../runtime/faults';
import { byRule } from '../runtime/rule-id';
import { addWarning } from '../runtime/warning';
import { DEFAULT_MOUNT_PATH, normalizeMountPath, validateMountPath } from '../service/mount-path';
import { MANAGED_STORAGE_GIB, MAX_VOLUME_NAME, validateSizeInGiB } from '../service/storage-size';

/** Properties of `SessionStorage`. */
export interface SessionStorageProps {
  /**
   * Where the directory is mounted in each session: `/mnt/` and one directory name of letters, digits, `.`, `_` and `-`,
   * 6 to 200 characters in all; a trailing slash is dropped.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
   * @default - /mnt/workspace
   */
  readonly mountPath?: string;

  /**
   * How much the directory is meant to hold per session, in GiB: a whole number from 1 to 100.
   *
   * On a capacity provider it is the size of the volume. Else the service has no such setting: managed session storage
   * holds 1 GB per session, always; a larger size is not sent and has no effect, and a warning says so at synth.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
   * @default - 1; for a volume that is there already, the size that it has
   */
  readonly sizeInGiB?: number;

  /**
   * The capacity provider on which each session gets a volume of Amazon EBS for the directory, of the declared size.
   *
   * A `CapacityProvider` of this app gets the volume added. An imported one has to have it already: `volumeName` names it.
   * Runtimes that take this storage run on this capacity provider, and can mount nothing but its volumes.
   *
   * @default - none: the service manages the storage
   */
  readonly capacityProvider?: ICapacityProvider;

  /**
   * The name of the volume on the capacity provider: a letter, then letters, digits, `_` and `-`, 48 in all.
   *
   * @default - a generated name; an imported capacity provider needs one
   */
  readonly volumeName?: string;

  /**
   * Whether to measure the directory in a session while each runtime that takes it is deployed.
   *
   * The deployment fails where the directory is not mounted or cannot be written to by the user that commands run as. What
   * was found is the runtime's `sessionStorageReport`. It is measured again with each new version of the runtime, by a command
   * in a session of its own that is stopped afterwards. The image needs `sh`, `base64` and `df`.
   *
   * On a capacity provider that session launches an instance, which takes minutes, and its volume stays until the service
   * deletes the session: both are billed.
   *
   * @default false
   */
  readonly verifyOnDeploy?: boolean;
}

/**
 * A directory that each session of an agent runtime has for itself and finds again when it is resumed.
 *
 * The service empties the storage that it manages when a session is not called for 14 days, and when the runtime gets a new
 * version. It cannot be retained: it goes with the runtime. On a capacity provider it is a volume, which goes with the session
 * or the capacity provider.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 *
 * @example
 * const workspace = new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace', verifyOnDeploy: true });
 * const agent = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact, sessionStorage: workspace });
 */
export class SessionStorage extends Construct {
  /** Where the directory is mounted, without a trailing slash. */
  public readonly mountPath: string;

  /** How much the directory is meant to hold per session, in GiB; undefined for a volume that was there already. */
  public readonly sizeInGiB?: number;

  /** The capacity provider that the directory is a volume of; undefined where the service manages the storage. */
  public readonly capacityProvider?: ICapacityProvider;

  /** The name of the volume on the capacity provider; undefined where the service manages the storage. */
  public readonly volumeName?: string;

  /** Whether the directory is measured while each runtime that takes it is deployed. */
  public readonly verifyOnDeploy: boolean;

  /**
   * What a runtime mounts for the directory.
   *
   * @internal
   */
  public readonly _mount: Mount;

  /**
   * Declares the directory; it comes into being with the runtimes that take it.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: SessionStorageProps = {}) {
    super(scope, id);
    const { mountPath = DEFAULT_MOUNT_PATH, capacityProvider, verifyOnDeploy = false } = props;
    const addsVolume = capacityProvider instanceof CapacityProvider;
    const { sizeInGiB = capacityProvider && !addsVolume ? undefined : MANAGED_STORAGE_GIB } = props;
    throwFaults(this, [
      ...(Token.isUnresolved(mountPath) ? [] : byRule('mountPath', validateMountPath(mountPath))),
      ...(sizeInGiB === undefined || Token.isUnresolved(sizeInGiB) ? [] : byRule('sizeInGiB', validateSizeInGiB(sizeInGiB))),
      ...byRule('volume', validateVolume(props)),
    ]);
    this.mountPath = Token.isUnresolved(mountPath) ? mountPath : normalizeMountPath(mountPath);
    this.sizeInGiB = sizeInGiB;
    this.capacityProvider = capacityProvider;
    this.verifyOnDeploy = verifyOnDeploy;

    this.volumeName = capacityProvider && (props.volumeName ?? Names.uniqueResourceName(this, { maxLength: MAX_VOLUME_NAME }));
    this._mount = this.volumeName === undefined ? Mount._sessionStorage(mountPath) : Mount.capacityProviderVolume(this.volumeName, mountPath);
    if (addsVolume) {
      capacityProvider.addVolume(this.volumeName!, { size: Size.gibibytes(sizeInGiB!) });
    } else if (sizeInGiB !== undefined && !Token.isUnresolved(sizeInGiB) && sizeInGiB > MANAGED_STORAGE_GIB) {
      addWarning(this, 'cdk-agentcore-runtime:sessionStorageSizeHasNoEffect',
        `sizeInGiB is ${sizeInGiB}, but managed session storage holds ${MANAGED_STORAGE_GIB} GB per session and has no size setting; `
        + 'the size is not sent to the service. A size takes effect only on a volume of a capacity provider: give one as capacityProvider.');
    }
  }
}

function validateVolume({ capacityProvider, volumeName, sizeInGiB }: SessionStorageProps): string[] {
  if (!capacityProvider) return volumeName === undefined ? [] : ['volumeName names a volume of a capacity provider; give the capacityProvider too, or leave volumeName out'];
  if (capacityProvider instanceof CapacityProvider) return [];
  return [
    ...(volumeName === undefined ? ['an imported capacity provider gets no volume added; give the name of one that it has as volumeName'] : []),
    ...(sizeInGiB === undefined ? [] : [`sizeInGiB is ${sizeInGiB}, but a volume of an imported capacity provider has its size already; leave sizeInGiB out`]),
  ];
}
