import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { Clock } from '../client/clock';
import { Ledger } from '../provider/ledger';
import { Log } from '../provider/log';

/** What a task works with. */
export interface TaskContext {
  /** Must not retry by itself. */
  readonly client: BedrockAgentCoreClient;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly log: Log;
  /** When this call of the function has to be done, in milliseconds since the epoch. */
  readonly deadline: number;
}
