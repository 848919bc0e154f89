import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { WorkflowTask } from './contract';
import { handleTask } from './handle';
import { SYSTEM_CLOCK } from '../client/clock';
import { proxied } from '../client/proxy';
import { LambdaContext } from '../provider/event';
import { LogStreamLedger, MemoryLedger } from '../provider/ledger';
import { CONSOLE_LOG } from '../provider/log';

// a lost connection says nothing about whether something has started: only the client knows when to call again
const client = new BedrockAgentCoreClient({ maxAttempts: 1, ...proxied() });

const logGroup = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
const ledger = logGroup ? new LogStreamLedger(client, logGroup, SYSTEM_CLOCK) : new MemoryLedger(SYSTEM_CLOCK);

/** The entry point of the workflow function: what one state asks for. */
export async function handler(task: WorkflowTask, context: LambdaContext): Promise<unknown> {
  const deadline = SYSTEM_CLOCK.now() + context.getRemainingTimeInMillis();
  return handleTask(task, { client, ledger, clock: SYSTEM_CLOCK, log: CONSOLE_LOG, deadline });
}
