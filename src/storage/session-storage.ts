import { Token } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { throwFaults } from '../runtime/faults';
import { addWarning } from '../runtime/warning';
import { DEFAULT_MOUNT_PATH, normalizeMountPath, validateMountPath } from '../service/mount-path';
import { MANAGED_STORAGE_GIB, validateSizeInGiB } from '../service/storage-size';

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
   * The service has no such setting: managed session storage holds 1 GB per session, always. A larger size is not sent
   * and has no effect without a capacity provider; a warning says so at synth.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
   * @default - 1
   */
  readonly sizeInGiB?: number;
}

/**
 * A directory that each session of an agent runtime has for itself and finds again when it is resumed.
 *
 * The service empties it when a session is not called for 14 days, and when the runtime gets a new version. It cannot
 * be retained: it goes with the runtime.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export class SessionStorage extends Construct {
  /** Where the directory is mounted, without a trailing slash. */
  public readonly mountPath: string;

  /** How much the directory is meant to hold per session, in GiB. */
  public readonly sizeInGiB: number;

  /**
   * Declares the directory; it comes into being with the runtimes that take it.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: SessionStorageProps = {}) {
    super(scope, id);
    const { mountPath = DEFAULT_MOUNT_PATH, sizeInGiB = MANAGED_STORAGE_GIB } = props;
    throwFaults(this, [
      ...(Token.isUnresolved(mountPath) ? [] : validateMountPath(mountPath)),
      ...(Token.isUnresolved(sizeInGiB) ? [] : validateSizeInGiB(sizeInGiB)),
    ]);
    this.mountPath = Token.isUnresolved(mountPath) ? mountPath : normalizeMountPath(mountPath);
    this.sizeInGiB = sizeInGiB;

    if (!Token.isUnresolved(sizeInGiB) && sizeInGiB > MANAGED_STORAGE_GIB) {
      addWarning(this, 'cdk-agentcore-runtime:sessionStorageSizeHasNoEffect',
        `sizeInGiB is ${sizeInGiB}, but managed session storage holds ${MANAGED_STORAGE_GIB} GB per session and has no size setting; `
        + 'the size is not sent to the service. A size takes effect only on a volume of a capacity provider.');
    }
  }

  /**
   * The mount as the L1 runtime takes it.
   *
   * @internal
   */
  public _render(): CfnRuntime.FilesystemConfigurationProperty {
    return { sessionStorage: { mountPath: this.mountPath } };
  }
}
