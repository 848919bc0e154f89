import { DEFAULT_ENDPOINT } from './names';

/**
 * The log group that the service makes at the first call through an endpoint of a runtime; it stays when the runtime is deleted.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-view.html
 */
export function runtimeLogGroup(runtimeId: string, endpointName: string = DEFAULT_ENDPOINT): string {
  return `/aws/bedrock-agentcore/runtimes/${runtimeId}-${endpointName}`;
}
