import { Duration, Size } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, ISecurityGroup, IVpc, InstanceType, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { IInstanceProfile, IRole } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';

/** The system that instances run, and with it their processors. */
export enum CapacityProviderOperatingSystem {
  /** Linux on Graviton processors, as runtimes without a capacity provider have it. */
  LINUX_ARM64 = 'LINUX_ARM64',

  /** Linux on Intel and AMD processors. */
  LINUX_X86_64 = 'LINUX_X86_64',
}

/** A volume that each session gets of its own, on Amazon EBS. */
export interface CapacityProviderVolumeOptions {
  /** How large the volume is: 1 to 65536 whole GiB; the type of the volume may allow less. */
  readonly size: Size;

  /**
   * The type of the volume.
   *
   * @default EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: EbsDeviceVolumeType;

  /**
   * How many I/O operations a second are provisioned: 100 to 256000, for gp3, io1 and io2 only.
   *
   * @default - what Amazon EBS gives to the type
   */
  readonly iops?: number;

  /**
   * How much throughput is provisioned in MiB/s: 125 to 2000, for gp3 only.
   *
   * @default - what Amazon EBS gives to the type
   */
  readonly throughput?: number;

  /**
   * The key that the volume is encrypted with. The operator role is allowed to use it.
   *
   * @default - the default key of Amazon EBS; volumes are always encrypted
   */
  readonly encryptionKey?: IKey;

  /**
   * The snapshot that a new volume starts with, as `snap-0123456789abcdef0`.
   *
   * @default - it starts empty
   */
  readonly snapshotId?: string;
}

/** Properties of `CapacityProvider`. */
export interface CapacityProviderProps {
  /** The VPC that the instances are launched in. */
  readonly vpc: IVpc;

  /**
   * The subnets that the instances are launched in: 1 to 16.
   *
   * A volume stays in the zone of its first instance: where that zone has no capacity left, the session cannot be resumed.
   *
   * @default - those that the VPC selects: private ones with a way out
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the instances: 1 to 16.
   *
   * @default - one that allows all outbound traffic
   */
  readonly securityGroups?: ISecurityGroup[];

  /** The types of instances that may be launched: 1 to 30, all of the architecture of the operating system. */
  readonly instanceTypes: InstanceType[];

  /**
   * The system that the instances run.
   *
   * @default CapacityProviderOperatingSystem.LINUX_ARM64
   */
  readonly operatingSystem?: CapacityProviderOperatingSystem;

  /**
   * The name: a letter, then letters, digits and underscores, 48 in all; unique in the account and region.
   *
   * With a name of your own, a change that replaces the capacity provider fails, because the new one cannot have the name
   * of the old one.
   *
   * @default - a generated name, which changes whenever the capacity provider has to be replaced
   */
  readonly capacityProviderName?: string;

  /**
   * What it is for: 1 to 4096 characters; with the tags the only thing that can change without replacement.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * The role by which the service launches and ends instances; `bedrock-agentcore.amazonaws.com` has to be able to assume it.
   *
   * @default - a role with the managed policy BedrockAgentCoreRuntimeInstancesOperatorRolePolicy
   */
  readonly operatorRole?: IRole;

  /**
   * The instance profile of the instances. The operator role is allowed to pass its role, where the profile tells it.
   *
   * Agents do not act with it: they have the execution role of their runtime.
   *
   * @default - the service's default instance profile
   */
  readonly instanceProfile?: IInstanceProfile;

  /**
   * How much space is free on the root volume of an instance: 2 to 65000 whole GiB.
   *
   * @default - 8 GiB
   */
  readonly rootVolumeFreeSpace?: Size;

  /**
   * How long an instance may be idle before it is stopped: 60 seconds to 14 days, in whole seconds.
   *
   * @default Duration.minutes(15)
   */
  readonly idleInstanceTimeout?: Duration;

  /**
   * How long an instance may live: 60 seconds to 14 days, in whole seconds.
   *
   * @default Duration.hours(8)
   */
  readonly maxLifetime?: Duration;

  /**
   * Whether Amazon CloudWatch gets the metrics of the instances every minute instead of every five; it is billed.
   *
   * @default false
   */
  readonly detailedMonitoring?: boolean;

  /**
   * Tags of the instances, volumes and network interfaces that are launched; `Tags.of()` tags the capacity provider itself.
   *
   * @default - none
   */
  readonly propagatedTags?: { [key: string]: string };
}
