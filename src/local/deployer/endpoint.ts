import { DeployerError, networkReason } from './errors';

/** How long the local AgentCore may take to say that it is there, in milliseconds. */
const PATIENCE_MILLIS = 10_000;

/**
 * The address of a local AgentCore, without a slash at its end, once that has answered.
 *
 * @throws DeployerError where nothing, or something else, answers there
 */
export async function reachableEndpoint(endpoint: string): Promise<string> {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new DeployerError(`endpoint ${JSON.stringify(endpoint)} is not a URL like http://127.0.0.1:4567; \`cdk-agentcore local start\` prints the right one`);
  }
  const address = endpoint.replace(/\/+$/, '');
  let status: number;
  try {
    const response = await fetch(`${address}/_local/health`, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    await response.arrayBuffer();
    status = response.status;
  } catch (error) {
    throw new DeployerError(`no local AgentCore answers at ${address} (${networkReason(error)}); run \`cdk-agentcore local start\` and give the endpoint that it prints`);
  }
  if (status !== 200) {
    throw new DeployerError(`what answers at ${address} is not a local AgentCore (status ${status} of /_local/health); give the endpoint that \`cdk-agentcore local start\` prints`);
  }
  return address;
}
