import { DeployerError, networkReason } from './errors';
import { isObject } from './json';

/** How long the local AgentCore may take to say that it is there, in milliseconds. */
const PATIENCE_MILLIS = 10_000;

/** A local AgentCore that has answered. */
export interface ReachableAgentCore {
  /** Without a slash at its end. */
  readonly address: string;
  /** Tells its state from that of any other one; absent where it does not say. */
  readonly id?: string;
  /** Whether it keeps roles and policies. */
  readonly hasIam: boolean;
  /** Whether it judges the calls of roles by them. */
  readonly judges: boolean;
}

/**
 * Makes sure that a local AgentCore answers.
 *
 * @throws DeployerError where nothing, or something else, answers there
 */
export async function reachableEndpoint(endpoint: string): Promise<ReachableAgentCore> {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new DeployerError(`endpoint ${JSON.stringify(endpoint)} is not a URL like http://127.0.0.1:4567; \`cdk-agentcore local start\` prints the right one`);
  }
  const address = endpoint.replace(/\/+$/, '');
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${address}/_local/health`, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    text = await response.text();
    status = response.status;
  } catch (error) {
    throw new DeployerError(`no local AgentCore answers at ${address} (${networkReason(error)}); run \`cdk-agentcore local start\` and give the endpoint that it prints`);
  }
  const health = status === 200 ? healthOf(text) : undefined;
  if (!health) {
    throw new DeployerError(`what answers at ${address} is not a local AgentCore (status ${status} of /_local/health); give the endpoint that \`cdk-agentcore local start\` prints`);
  }
  return { address, ...health };
}

/** Undefined for what no local AgentCore says: its id becomes the name of a directory. */
function healthOf(text: string): Omit<ReachableAgentCore, 'address'> | undefined {
  try {
    const health: unknown = JSON.parse(text);
    if (!isObject(health)) return undefined;
    const { id, iam } = health;
    const judging = { hasIam: isObject(iam), judges: isObject(iam) && iam.judged === true };
    if (id === undefined) return judging;
    return typeof id === 'string' && /^[A-Za-z0-9-]{8,64}$/.test(id) ? { id, ...judging } : undefined;
  } catch {
    return undefined;
  }
}
