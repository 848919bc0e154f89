import { Token } from 'aws-cdk-lib';
import { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { IAccessPointRef as IEfsAccessPointRef, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { IAccessPointRef as IS3FilesAccessPointRef } from 'aws-cdk-lib/aws-s3files';
import { IConstruct } from 'constructs';
import { efsAccessPointSource, s3FilesAccessPointSource } from './access-points';
import { MountSource } from './mount-source';
import { FilesystemConfiguration } from '../service/filesystems';
import { normalizeMountPath } from '../service/mount-path';

/** Options of `Mount.efsAccessPoint`. */
export interface EfsMountOptions {
  /**
   * Whether sessions can only read.
   *
   * @default false
   */
  readonly readOnly?: boolean;

  /**
   * The file system that the access point belongs to: its network is opened for the runtime on port 2049, and the runtime
   * waits for its mount targets.
   *
   * @default - the one that the access point tells; an imported access point tells one only if it was imported with it
   */
  readonly fileSystem?: IFileSystem;
}

/** Options of `Mount.s3FilesAccessPoint`. */
export interface S3FilesMountOptions {
  /**
   * Whether sessions can only read.
   *
   * @default false
   */
  readonly readOnly?: boolean;

  /**
   * The security groups of the file system's mount targets: they are opened for the runtime on port 2049.
   *
   * @default - none is changed; port 2049 has to be open for the runtime already
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The mount targets of the file system: the runtime is created after them.
   *
   * @default - the runtime waits for the access point alone
   */
  readonly mountTargets?: IConstruct[];
}

/**
 * A file system that the sessions of a runtime find under `/mnt`; a value that never changes.
 *
 * A runtime takes 5 in all, its session storage included: at most 2 EFS access points and 2 S3 Files access points, or at
 * most 5 volumes of a capacity provider and nothing else. All mount paths of a runtime differ.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 *
 * @example
 * const agent = new AgentRuntime(stack, 'Agent', {
 *   agentRuntimeArtifact,
 *   networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc }),
 *   mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/shared', { readOnly: true })],
 * });
 */
export class Mount {
  /**
   * An access point of Amazon EFS, shared by all sessions; the runtime has to be in the VPC of the file system.
   *
   * The execution role is allowed to mount and write through this access point, and to describe it. The user of the
   * access point has to be the user of the container. Each subnet of the runtime needs a mount target in its zone: else
   * calls fail now and then.
   *
   * @param accessPoint the access point, of the same account
   * @param mountPath   `/mnt/` and one directory name of letters, digits, `.`, `_` and `-`, 6 to 200 characters in all
   */
  public static efsAccessPoint(accessPoint: IEfsAccessPointRef, mountPath: string, options: EfsMountOptions = {}): Mount {
    return new Mount(mountPath, efsAccessPointSource(accessPoint, { ...options, readOnly: options.readOnly ?? false }));
  }

  /**
   * An access point of Amazon S3 Files, shared by all sessions; the runtime has to be in the VPC of the mount targets.
   *
   * The execution role is allowed to mount and write through this access point, and to describe it. The user of the
   * access point has to be the user of the container.
   *
   * @param accessPoint the access point, of the same account
   * @param mountPath   `/mnt/` and one directory name of letters, digits, `.`, `_` and `-`, 6 to 200 characters in all
   */
  public static s3FilesAccessPoint(accessPoint: IS3FilesAccessPointRef, mountPath: string, options: S3FilesMountOptions = {}): Mount {
    const { readOnly = false, securityGroups = [], mountTargets = [] } = options;
    return new Mount(mountPath, s3FilesAccessPointSource(accessPoint, { readOnly, securityGroups, mountTargets }));
  }

  /**
   * A volume of the runtime's capacity provider: each session has one of its own, and finds it again when it is resumed.
   *
   * @param volumeName the name that the capacity provider has defined the volume by
   * @param mountPath  `/mnt/` and one directory name of letters, digits, `.`, `_` and `-`, 6 to 200 characters in all
   */
  public static capacityProviderVolume(volumeName: string, mountPath: string): Mount {
    return new Mount(mountPath, { kind: 'capacityProviderVolume', members: { volumeName } });
  }

  /**
   * The storage that the service manages per session.
   *
   * @internal
   */
  public static _sessionStorage(mountPath: string): Mount {
    return new Mount(mountPath, { kind: 'sessionStorage', members: {} });
  }

  /** Where the file system is mounted, without a trailing slash. */
  public readonly mountPath: string;

  /**
   * What is mounted there.
   *
   * @internal
   */
  public readonly _source: MountSource;

  private constructor(mountPath: string, source: MountSource) {
    this.mountPath = Token.isUnresolved(mountPath) ? mountPath : normalizeMountPath(mountPath);
    this._source = source;
  }

  /**
   * The mount as the API has it.
   *
   * @internal
   */
  public get _filesystem(): FilesystemConfiguration {
    return { [this._source.kind]: { ...this._source.members, mountPath: this.mountPath } };
  }
}
