import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { declaredStacks } from './runtimes/declared';
import { findRuntime, WantedRuntime } from './runtimes/find';
import { LocalStacks } from './runtimes/local-stacks';
import { UserError } from './user-error';
import { proxied } from '../client/proxy';
import { CloudFormationStacks, Stacks } from '../client/stacks/stacks';
import { DEFAULT_STATE_DIRECTORY } from '../local/deployer';
import { DEFAULT_REGION } from '../local/identity';
import { parseRuntimeArn } from '../service/arn';
import { isLoopback } from '../service/loopback';

/** Where the service is found, and which runtime is meant. */
export interface RuntimeOptions extends WantedRuntime {
  readonly endpoint?: string;
  readonly region?: string;
  /** Where `local deploy` keeps the states of stacks. */
  readonly localState?: string;
}

export interface Clients {
  readonly control: BedrockAgentCoreControlClient;
  readonly data: BedrockAgentCoreClient;
}

/** The SDK's clients for AgentCore. */
export function connect(options: RuntimeOptions): Clients {
  const config = configOf(options);
  return {
    control: new BedrockAgentCoreControlClient(config),
    // only `runCommand` knows when a command may be sent again
    data: new BedrockAgentCoreClient({ ...config, maxAttempts: 1 }),
  };
}

/** A client of CloudWatch Logs, of which a local AgentCore serves a part. */
export function logsClient(options: RuntimeOptions): CloudWatchLogsClient {
  return new CloudWatchLogsClient(configOf(options));
}

/** A local endpoint needs no account, so it gets credentials that mean nothing. */
function configOf(options: RuntimeOptions) {
  const { endpoint, region = regionOf(options) } = options;
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(endpoint && isLoopback(hostOf(endpoint)) ? {
      region: region ?? process.env.AWS_REGION ?? DEFAULT_REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    } : {}),
    ...proxied(),
  };
}

function hostOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) throw new UserError(`endpoint ${JSON.stringify(endpoint)} is not a URL; give one like http://127.0.0.1:8585`);
  return new URL(endpoint).hostname;
}

/** The ARN of the runtime that was meant; see `findRuntime`. */
export async function runtimeArnOf(control: BedrockAgentCoreControlClient, wanted: RuntimeOptions): Promise<string> {
  return findRuntime(wanted, { control, stacks: stacksOf(control, wanted) });
}

/** Where the stacks are that are meant: in the account, or in a local AgentCore. */
export function stacksOf(control: BedrockAgentCoreControlClient, { endpoint, localState = DEFAULT_STATE_DIRECTORY }: RuntimeOptions): Stacks {
  return endpoint ? new LocalStacks(endpoint, localState) : new CloudFormationStacks(control);
}

/** The region that what was named says: that of an ARN, or of a stack of the app that was given one. */
function regionOf({ runtime, stack, app }: RuntimeOptions): string | undefined {
  const ofArn = parseRuntimeArn(runtime ?? '')?.region;
  if (ofArn !== undefined || stack === undefined) return ofArn;
  return declaredStacks(app).find(({ names }) => names.includes(stack))?.region;
}
