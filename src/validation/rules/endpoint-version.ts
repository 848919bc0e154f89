import { describe } from '../../service/model/validate';
import { knownPart } from '../intrinsics';
import { Template, TemplateResource, isEndpoint, isRuntime } from '../template';

/** Endpoints that stay on one version while the template changes their runtime. */
export function endpointVersion(resource: TemplateResource, template: Template): string[] {
  if (!isEndpoint(resource)) return [];
  const { AgentRuntimeId: id, AgentRuntimeVersion: version, Name: name } = resource.properties;
  const [runtime] = template.referredTo(id).filter(isRuntime);
  const known = knownPart(version);
  if (!runtime || typeof known === 'symbol') return [];
  const endpoint = typeof name === 'string' ? `endpoint ${describe(name)}` : 'the endpoint';
  if (known === undefined) {
    return [`${endpoint} names no version, so that CloudFormation leaves it on the version that ${runtime.logicalId} has when the endpoint is created`];
  }
  return [`${endpoint} is fixed to version ${describe(known)}, and stays there when ${runtime.logicalId} gets a new one`];
}
