import { knownPart } from '../intrinsics';
import { Template, TemplateResource, isCommand, isRuntime } from '../template';

/** Commands in runtimes that authorize callers by JWT, while the service takes commands from callers by IAM only. */
export function commandAuthorizer(resource: TemplateResource, template: Template): string[] {
  if (!isCommand(resource)) return [];
  return template.referredTo(resource.properties.AgentRuntimeArn)
    .filter((runtime) => isRuntime(runtime) && hasJwtAuthorizer(runtime))
    .map(({ logicalId }) => `runtime ${logicalId} authorizes callers by JWT, but the service takes commands only from callers that IAM authorizes`);
}

function hasJwtAuthorizer({ properties }: TemplateResource): boolean {
  const authorizer = knownPart(properties.AuthorizerConfiguration) as { readonly CustomJWTAuthorizer?: unknown } | undefined;
  return authorizer?.CustomJWTAuthorizer !== undefined;
}
