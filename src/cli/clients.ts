import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, paginateListAgentRuntimes } from '@aws-sdk/client-bedrock-agentcore-control';
import { UserError } from './user-error';
import { DEFAULT_REGION } from '../local/identity';
import { parseRuntimeArn } from '../service/arn';
import { isRuntimeId } from '../service/names';

export interface Connection {
  readonly endpoint?: string;
  readonly region?: string;
}

export interface Clients {
  readonly control: BedrockAgentCoreControlClient;
  readonly data: BedrockAgentCoreClient;
}

/** The SDK's clients; a local endpoint needs no account, so it gets credentials that mean nothing. */
export function connect({ endpoint, region }: Connection): Clients {
  const config = {
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(endpoint && isLoopback(endpoint) ? {
      region: region ?? process.env.AWS_REGION ?? DEFAULT_REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    } : {}),
  };
  return {
    control: new BedrockAgentCoreControlClient(config),
    // only `runCommand` knows when a command may be sent again
    data: new BedrockAgentCoreClient({ ...config, maxAttempts: 1 }),
  };
}

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) throw new UserError(`endpoint ${JSON.stringify(endpoint)} is not a URL; give one like http://127.0.0.1:8585`);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}

/** The ARN of the runtime that was meant: an ARN as it is, an id looked up, or the only one that there is. */
export async function runtimeArnOf(control: BedrockAgentCoreControlClient, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return theOnlyRuntime(control);
  if (parseRuntimeArn(wanted)) return wanted;
  if (!isRuntimeId(wanted)) throw new UserError(`${JSON.stringify(wanted)} is neither the id nor the ARN of a runtime; an id looks like coder-a1b2c3d4e5`);
  const { agentRuntimeArn } = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: wanted }));
  return agentRuntimeArn!;
}

async function theOnlyRuntime(control: BedrockAgentCoreControlClient): Promise<string> {
  const found: { agentRuntimeArn?: string; agentRuntimeId?: string }[] = [];
  for await (const page of paginateListAgentRuntimes({ client: control, pageSize: 100 }, {})) found.push(...page.agentRuntimes ?? []);
  if (found.length === 1) return found[0].agentRuntimeArn!;
  const ids = found.slice(0, 10).map(({ agentRuntimeId }) => agentRuntimeId).join(', ');
  throw new UserError(found.length === 0
    ? 'there is no runtime here; deploy one first'
    : `there are ${found.length} runtimes here; name one with --runtime: ${ids}${found.length > 10 ? ', ...' : ''}`);
}
