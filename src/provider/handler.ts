import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { handle } from './adapter';
import { CommandLifecycle } from './command-lifecycle';
import { COMMAND_RESOURCE_TYPE, PROMOTION_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from './contract';
import { SdkControlPlane } from './control-plane';
import { SdkEndpointReader } from './endpoint-reader';
import { CustomResourceEvent, LambdaContext } from './event';
import { invokeItself } from './invoke-itself';
import { LogStreamLedger, MemoryLedger } from './ledger';
import { CONSOLE_LOG } from './log';
import { PromotionLifecycle } from './promotion-lifecycle';
import { RuntimeLifecycle } from './runtime-lifecycle';
import { SYSTEM_CLOCK } from '../client/clock';
import { proxied } from '../client/proxy';
import { logStreamUrl } from '../service/partition';

const control = new BedrockAgentCoreControlClient({ maxAttempts: 5, ...proxied() });
// a lost connection says nothing about whether a command has started: only `runCommand` knows when to call again
const data = new BedrockAgentCoreClient({ maxAttempts: 1, ...proxied() });

const logGroup = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
const ledger = logGroup ? new LogStreamLedger(data, logGroup, SYSTEM_CLOCK) : new MemoryLedger(SYSTEM_CLOCK);

/** The entry point of the provider's function: one event of CloudFormation, one answer. */
export async function handler(event: CustomResourceEvent, context: LambdaContext): Promise<void> {
  const logUrl = logStreamUrl(process.env.AWS_REGION!, context.logGroupName, context.logStreamName);
  const lifecycle = { clock: SYSTEM_CLOCK, log: CONSOLE_LOG, ledger };
  await handle(event, context, {
    ...lifecycle,
    logUrl,
    lifecycles: {
      [RUNTIME_RESOURCE_TYPE]: new RuntimeLifecycle(new SdkControlPlane(control), lifecycle),
      [COMMAND_RESOURCE_TYPE]: new CommandLifecycle(data, {
        ...lifecycle,
        logUrl,
        callAgain: (continuation, signal) => invokeItself(data, { ...event, Continuation: continuation }, signal),
      }),
      [PROMOTION_RESOURCE_TYPE]: new PromotionLifecycle(new SdkEndpointReader(control), lifecycle),
    },
  });
}
