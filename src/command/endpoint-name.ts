import { CfnRuntimeEndpoint, IRuntimeEndpointRef } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * The name of an endpoint as it was declared; undefined where it tells none.
 *
 * Not by its ARN: that is known only after the runtime, which depends on the policy that has to name the endpoint.
 */
export function endpointNameOf(endpoint: IRuntimeEndpointRef): string | undefined {
  if (CfnRuntimeEndpoint.isCfnRuntimeEndpoint(endpoint)) return endpoint.name;
  return (endpoint as { readonly endpointName?: string }).endpointName;
}
