import { runtimeView } from '../runtime-view';
import { TemplateResource, isCustomRuntime } from '../template';

/** Properties that the provider of this library refuses; CloudFormation itself may know newer ones. */
export function unknownProperty(resource: TemplateResource): string[] {
  return isCustomRuntime(resource) ? [...runtimeView(resource).unknownProperties] : [];
}
