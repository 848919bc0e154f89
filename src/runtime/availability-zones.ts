import { Stack, Token } from 'aws-cdk-lib';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { CfnSubnet, ISubnet } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { ruleId } from './rule-id';
import { addInfo, addWarning } from './warning';
import { supportedZoneIds, validateZoneId } from '../service/regions';

/** The key of the context in which an app tells the ids of availability zones by their names in its account. */
export const ZONE_IDS_CONTEXT = ruleId('availabilityZoneIds');

/**
 * Warns of subnets in availability zones where runtimes cannot be.
 *
 * Zones are known by id where an L1 subnet names its zone by id, and where the context of the app maps names to ids. Else an
 * info says which ids are supported: the name of a zone means another zone in each account.
 */
export function checkAvailabilityZones(scope: IConstruct, network?: RuntimeNetworkConfiguration): void {
  const { subnets = [] } = network?.vpcSubnets ?? {};
  const ids: unknown = scope.node.tryGetContext(ZONE_IDS_CONTEXT) ?? {};
  const zones = subnets.map((subnet) => ({ subnet, name: zoneNameOf(subnet), id: zoneIdOf(subnet, ids as Record<string, unknown>) }));
  for (const { subnet, id } of zones) {
    const [fault] = id === undefined ? [] : validateZoneId(id);
    if (fault) addWarning(scope, ruleId('availabilityZone'), `subnet ${subnet.node.path}: ${fault}; use subnets in supported zones.`);
  }

  const unknown = [...new Set(zones.filter(({ name, id }) => id === undefined && name !== undefined).map(({ name }) => name))];
  const supported = supportedZoneIds(Stack.of(scope).region);
  if (unknown.length === 0 || !supported) return;
  addInfo(scope, ruleId('availabilityZoneUnknown'),
    `the subnets are in ${unknown.join(', ')}, which are other zones in each account, while runtimes can be in ${supported.join(', ')} only; compare with `
    + '`aws ec2 describe-availability-zones`, and tell the ids in the context '
    + `"${ZONE_IDS_CONTEXT}", as { "${unknown[0]}": "${supported[0]}" }, to have them checked.`);
}

function zoneIdOf(subnet: ISubnet, ids: Readonly<Record<string, unknown>>): string | undefined {
  const resource = subnet.node.defaultChild ?? subnet;
  const declared = CfnSubnet.isCfnSubnet(resource) ? resource.availabilityZoneId : undefined;
  const name = zoneNameOf(subnet);
  const id = declared ?? (name !== undefined && Object.hasOwn(ids, name) ? ids[name] : undefined);
  return typeof id === 'string' && !Token.isUnresolved(id) ? id : undefined;
}

/** The name of a subnet's zone; undefined where it is a token or not known. */
function zoneNameOf(subnet: ISubnet): string | undefined {
  try {
    return Token.isUnresolved(subnet.availabilityZone) ? undefined : subnet.availabilityZone;
  } catch {
    // an imported subnet throws where it was not told its zone, and has no other way to say so
    return undefined;
  }
}
