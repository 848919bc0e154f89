import { validateZoneId } from '../../service/regions';
import { knownPart } from '../intrinsics';
import { Template, TemplateResource, isRuntime } from '../template';

/** Subnets in availability zones that runtimes cannot use, where the template tells zones by id; names tell nothing. */
export function availabilityZone(resource: TemplateResource, template: Template): string[] {
  if (!isRuntime(resource)) return [];
  return template.referredTo(resource.properties.NetworkConfiguration)
    .filter(({ type }) => type === 'AWS::EC2::Subnet')
    .flatMap(({ logicalId, properties }) => {
      const zoneId = knownPart(properties.AvailabilityZoneId);
      return typeof zoneId === 'string' ? validateZoneId(zoneId).map((message) => `subnet ${logicalId}: ${message}`) : [];
    });
}
