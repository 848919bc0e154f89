import { Duration, Lazy, Size, Token } from 'aws-cdk-lib';
import { ISecurityGroup, InstanceArchitecture, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { CapacityProviderOperatingSystem, CapacityProviderProps, CapacityProviderVolumeOptions } from './capacity-provider-props';
import { EbsVolume, validateInstanceLifecycle } from '../service/capacity-provider';

/** The compute configuration of a capacity provider as the API has it. */
export function computeConfiguration(props: CapacityProviderProps, securityGroups: readonly ISecurityGroup[], volumes: readonly EbsVolume[]) {
  const { vpc, vpcSubnets, idleInstanceTimeout, maxLifetime, rootVolumeFreeSpace, propagatedTags } = props;
  return {
    ec2Configuration: {
      launchTemplateSource: {
        launchParameters: {
          operatingSystem: operatingSystemOf(props),
          instanceRequirements: { allowedInstanceTypes: props.instanceTypes.map(String) },
          instanceProfileArn: props.instanceProfile?.instanceProfileArn,
          monitoring: props.detailedMonitoring ? 'DETAILED' : undefined,
          // a token keeps its keys as they are
          propagatedTags: propagatedTags && Lazy.any({ produce: () => propagatedTags }),
        },
      },
      vpcConfiguration: {
        subnets: vpc.selectSubnets(vpcSubnets).subnetIds,
        securityGroups: securityGroups.map(({ securityGroupId }) => securityGroupId),
      },
      volumes: volumes.length > 0 ? volumes.map((ebsConfiguration) => ({ ebsConfiguration })) : undefined,
      lifecycleConfiguration: idleInstanceTimeout || maxLifetime
        ? { idleInstanceTimeout: seconds(idleInstanceTimeout), maxLifetime: seconds(maxLifetime) }
        : undefined,
      rootVolume: rootVolumeFreeSpace && { freeSpaceGiB: gibibytes(rootVolumeFreeSpace) },
    },
  };
}

/** A volume as the API has it. */
export function volumeOf(name: string, { size, encryptionKey, ...rest }: CapacityProviderVolumeOptions): EbsVolume {
  return { name, sizeGiB: gibibytes(size), ...rest, kmsKeyId: encryptionKey?.keyArn };
}

/** Life times that do not go together; each alone is checked by the service's model. */
export function validateLifeTimes({ idleInstanceTimeout: idle, maxLifetime: max }: CapacityProviderProps): string[] {
  if (idle?.isUnresolved() || max?.isUnresolved()) return [];
  return validateInstanceLifecycle({ idleInstanceTimeout: seconds(idle), maxLifetime: seconds(max) });
}

/** Instance types that cannot run the operating system. */
export function validateArchitectures(props: CapacityProviderProps): string[] {
  const operatingSystem = operatingSystemOf(props);
  // no constant of the module: it would load aws-ec2 whenever this library is loaded
  const wanted = operatingSystem === CapacityProviderOperatingSystem.LINUX_ARM64 ? InstanceArchitecture.ARM_64 : InstanceArchitecture.X86_64;
  return props.instanceTypes
    .filter((type) => !Token.isUnresolved(type.toString()) && architectureOf(type) !== wanted)
    .map((type) => `instance type ${type.toString()} does not run ${operatingSystem}; choose another type or another operatingSystem`);
}

function operatingSystemOf(props: CapacityProviderProps): CapacityProviderOperatingSystem {
  return props.operatingSystem ?? CapacityProviderOperatingSystem.LINUX_ARM64;
}

function architectureOf(type: InstanceType): InstanceArchitecture | undefined {
  try {
    return type.architecture;
  } catch {
    // it throws for what has not the form of an instance type
    return undefined;
  }
}

/** Also parts of a second, which the service's model then refuses. */
function seconds(duration?: Duration): number | undefined {
  return duration?.toSeconds({ integral: false });
}

/** Also parts of a GiB, which the service's model then refuses. */
function gibibytes(size: Size): number {
  return size.isUnresolved() ? size.toGibibytes() : size.toBytes() / 1024 ** 3;
}
