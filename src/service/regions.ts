/** What a runtime runs on: a microVM of the service's own, or an instance of a capacity provider. */
export type Compute = 'microVM' | 'Instances';

/**
 * The regions that have AgentCore runtimes on microVMs, each with the availability zones in which they can have network
 * interfaces, by zone id.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agentcore-vpc.html
 */
const ZONE_IDS: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': zones('use1', 1, 2, 4),
  'us-east-2': zones('use2', 1, 2, 3),
  'us-west-1': zones('usw1', 1, 3),
  'us-west-2': zones('usw2', 1, 2, 3),
  'eu-central-1': zones('euc1', 1, 2, 3),
  'eu-west-1': zones('euw1', 1, 2, 3),
  'eu-west-2': zones('euw2', 1, 2, 3),
  'eu-west-3': zones('euw3', 1, 2, 3),
  'eu-south-1': zones('eus1', 1, 2, 3),
  'eu-south-2': zones('eus2', 1, 2, 3),
  'eu-north-1': zones('eun1', 1, 2, 3),
  'ap-south-1': zones('aps1', 1, 2, 3),
  'ap-south-2': zones('aps2', 1, 2, 3),
  'ap-southeast-1': zones('apse1', 1, 2, 3),
  'ap-southeast-2': zones('apse2', 1, 2, 3),
  'ap-southeast-5': zones('apse5', 1, 2, 3),
  'ap-southeast-7': zones('apse7', 1, 2, 3),
  'ap-northeast-1': zones('apne1', 1, 2, 4),
  'ap-northeast-2': zones('apne2', 1, 2, 3),
  'ca-central-1': zones('cac1', 1, 2, 4),
  'sa-east-1': zones('sae1', 1, 2, 3),
  'us-gov-west-1': zones('usgw1', 1, 2, 3),
};

/**
 * The regions that have capacity providers.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agentcore-regions.html
 */
const INSTANCES_REGIONS: readonly string[] = [
  'us-east-1', 'us-east-2', 'us-west-2', 'eu-central-1', 'eu-west-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1',
];

/** The ids of the zones of a region in which runtimes can have network interfaces; undefined for a region that is not known. */
export function supportedZoneIds(region: string): readonly string[] | undefined {
  return Object.hasOwn(ZONE_IDS, region) ? ZONE_IDS[region] : undefined;
}

/** What is wrong with a region for runtimes on some compute; more regions come over time. */
export function validateRegion(region: string, compute: Compute = 'microVM'): string[] {
  const regions = compute === 'microVM' ? Object.keys(ZONE_IDS) : INSTANCES_REGIONS;
  if (regions.includes(region)) return [];
  return [`region ${region} is not known to have AgentCore runtimes on ${compute} compute; known are ${regions.join(', ')}`];
}

/**
 * What is wrong with the id of an availability zone, such as `use1-az1`, for a runtime in a VPC.
 *
 * The name of a zone, such as `us-east-1a`, tells nothing: it means another zone in each account.
 */
export function validateZoneId(zoneId: string): string[] {
  const prefix = zoneId.replace(/az\d+$/, '');
  const ofRegion = Object.values(ZONE_IDS).find(([first]) => first.startsWith(`${prefix}az`)) ?? [];
  if (ofRegion.includes(zoneId)) return [];
  return [`availability zone ${zoneId} cannot have network interfaces of AgentCore runtimes; `
    + (ofRegion.length > 0 ? `of its region ${ofRegion.join(', ')} can` : 'none of its region is known to')];
}

function zones(prefix: string, ...numbers: number[]): string[] {
  return numbers.map((number) => `${prefix}-az${number}`);
}
