import { CONTROL_PLANE_SHAPES } from './model/control-plane';
import { describe, Violation, violations } from './model/validate';

/** A volume of a capacity provider as the API has it. */
export interface EbsVolume {
  readonly name: string;
  readonly sizeGiB: number;
  readonly volumeType?: string;
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted?: boolean;
  readonly kmsKeyId?: string;
  readonly snapshotId?: string;
}

/** How long instances live, in seconds. */
export interface InstanceLifecycle {
  readonly idleInstanceTimeout?: number;
  readonly maxLifetime?: number;
}

/** The input of CreateCapacityProvider, as far as rules and views look into it. */
export interface CapacityProviderInput {
  readonly name: string;
  readonly description?: string;
  readonly permissionsConfiguration: object;
  readonly computeConfiguration: {
    readonly ec2Configuration: {
      readonly volumes?: readonly { readonly ebsConfiguration: EbsVolume }[];
      readonly rootVolume?: Pick<EbsVolume, 'volumeType' | 'throughput'>;
      readonly lifecycleConfiguration?: InstanceLifecycle;
    };
  };
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the service takes where nothing is said, in seconds. */
const DEFAULT_MAX_LIFETIME = 28_800;

/** How many volumes a capacity provider may define. */
export const MAX_VOLUMES = CONTROL_PLANE_SHAPES.VolumeConfigurationList.max!;

/** The longest name of a capacity provider, in characters. */
export const MAX_CAPACITY_PROVIDER_NAME = CONTROL_PLANE_SHAPES.CapacityProviderName.max!;

/** Types of volumes of which some setting can be chosen; the service's default is gp3. */
const WITH_IOPS = ['gp3', 'io1', 'io2'];
const WITH_THROUGHPUT = ['gp3'];

/** Everything in the input of CreateCapacityProvider that does not fit the service's model. */
export function createCapacityProviderViolations(input: unknown): Violation[] {
  return violations(CONTROL_PLANE_SHAPES, 'CreateCapacityProviderInput', input);
}

/** What is wrong with the tags of what a capacity provider launches. */
export function propagatedTagsViolations(tags: unknown): Violation[] {
  return violations(CONTROL_PLANE_SHAPES, 'TagsMap', tags, 'propagatedTags');
}

/** What is wrong with one volume: each field by its shape, and settings that its type does not have. */
export function volumeViolations(volume: EbsVolume): Violation[] {
  const { volumeType = 'gp3', iops } = volume;
  return [
    ...violations(CONTROL_PLANE_SHAPES, 'EbsVolumeConfiguration', volume),
    ...(iops === undefined || WITH_IOPS.includes(volumeType) ? [] : [{ path: 'iops', message: `can be chosen for ${WITH_IOPS.join(', ')} only, not for ${volumeType}` }]),
    ...throughputViolations(volume),
  ];
}

function throughputViolations({ volumeType = 'gp3', throughput }: Pick<EbsVolume, 'volumeType' | 'throughput'>): Violation[] {
  if (throughput === undefined || WITH_THROUGHPUT.includes(volumeType)) return [];
  return [{ path: 'throughput', message: `can be chosen for ${WITH_THROUGHPUT.join(', ')} only, not for ${volumeType}` }];
}

/** The rules between fields alone, for an input of CreateCapacityProvider whose fields are each valid. */
export function capacityProviderFieldViolations({ computeConfiguration: { ec2Configuration: ec2 } }: CapacityProviderInput): Violation[] {
  const at = (path: string) => `computeConfiguration.ec2Configuration.${path}`;
  const { volumes = [], rootVolume, lifecycleConfiguration = {} } = ec2;
  return [
    ...volumes.flatMap(({ ebsConfiguration }, i) => volumeViolations(ebsConfiguration)
      .map(({ path, message }) => ({ path: at(`volumes[${i}].ebsConfiguration.${path}`), message }))),
    ...(rootVolume ? throughputViolations(rootVolume) : []).map(({ path, message }) => ({ path: at(`rootVolume.${path}`), message })),
    ...validateVolumes(volumes.map(({ ebsConfiguration }) => ebsConfiguration.name)).map((message) => ({ path: at('volumes'), message })),
    ...validateInstanceLifecycle(lifecycleConfiguration).map((message) => ({ path: at('lifecycleConfiguration'), message })),
  ];
}

/** What is wrong with the volumes of one capacity provider, taken together. */
export function validateVolumes(names: readonly string[]): string[] {
  const twice = names.filter((name, i) => names.indexOf(name) < i);
  return [
    ...(names.length > MAX_VOLUMES ? [`${names.length} volumes, a capacity provider takes ${MAX_VOLUMES} at most`] : []),
    ...[...new Set(twice)].map((name) => `volume ${describe(name)} is defined twice; give each a name of its own`),
  ];
}

/** What is wrong with a pair of life times of instances; each alone is checked by its shape. */
export function validateInstanceLifecycle(wanted: InstanceLifecycle): string[] {
  const { idleInstanceTimeout: idle, maxLifetime: max = DEFAULT_MAX_LIFETIME } = wanted;
  // whether a short maximum alone pulls the idle time down, as it does on microVMs, is not documented
  if (idle === undefined || idle <= max) return [];
  return [`idleInstanceTimeout of ${idle} s must be less than or equal to maxLifetime of ${max} s`];
}

/** What is wrong with the ARN of a capacity provider. */
export function validateCapacityProviderArn(arn: string): string[] {
  return violations(CONTROL_PLANE_SHAPES, 'CapacityProviderArn', arn).map(({ message }) => `capacity provider ARN: ${message}`);
}
