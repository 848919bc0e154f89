import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { ServiceCallError, signedCall } from './signed-call';
import { Clock } from '../client/clock';
import { describeError } from '../client/errors';
import { retry } from '../client/retry';

/** What was written down under a key, and when. */
export interface LedgerNote {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The place where notes are kept is gone, as it is once the stack is deleted. */
export class LedgerGoneError extends Error {
  public readonly name = 'LedgerGoneError';
}

/** What outlives one call of the provider: which requests were begun, and what they came to. */
export interface Ledger {
  /** @returns true for one caller only, however many ask for the same key, at whatever time */
  claim(key: string): Promise<boolean>;
  note(key: string, text: string): Promise<void>;
  /** The last note under a key. */
  last(key: string): Promise<LedgerNote | undefined>;
  /** The last notes under a key, oldest first. */
  recent(key: string, limit: number): Promise<LedgerNote[]>;
}

/** How many pages without any event are looked at, one after the other. */
const MAX_EMPTY_PAGES = 10;

interface EventsPage {
  readonly events?: readonly { readonly message: string; readonly timestamp: number }[];
  readonly nextBackwardToken?: string;
}

/**
 * Log streams as a ledger: CloudWatch Logs lets exactly one caller create a stream of a name.
 *
 * The provider has a log group and the permission to write to it anyway, so that no table, and no other place that would
 * have to be paid and cleaned up, is needed. What is written there goes with the log group's retention.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
 */
export class LogStreamLedger implements Ledger {
  constructor(private readonly client: BedrockAgentCoreClient, private readonly logGroupName: string, private readonly clock: Clock) {}

  public async claim(key: string): Promise<boolean> {
    try {
      // never again after a lost connection: the stream that is there then may be our own
      await this.call('CreateLogStream', { logStreamName: key }, isRefusal);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw new Error(`could not make sure that this request is handled once only, so nothing was started (${describeError(error)})`, { cause: error });
    }
  }

  public async note(key: string, text: string): Promise<void> {
    // again also after a lost connection: whose stream it is does not matter here
    await this.call('CreateLogStream', { logStreamName: key }).catch((error) => {
      if (!isTaken(error)) throw error;
    });
    await this.call('PutLogEvents', { logStreamName: key, logEvents: [{ timestamp: this.clock.now(), message: text }] });
  }

  public async last(key: string): Promise<LedgerNote | undefined> {
    return (await this.recent(key, 1)).pop();
  }

  public async recent(key: string, limit: number): Promise<LedgerNote[]> {
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_EMPTY_PAGES; page++) {
      const { events = [], nextBackwardToken }: EventsPage = await this.page({ logStreamName: key, startFromHead: false, limit, nextToken });
      // a page may be empty although there are more; at the beginning of the stream its token leads to itself
      if (events.length > 0 || nextBackwardToken === nextToken) return events.map(({ message, timestamp }) => ({ text: message, time: timestamp }));
      nextToken = nextBackwardToken;
    }
    throw new Error(`log stream ${key} had nothing on ${MAX_EMPTY_PAGES} pages and did not come to its beginning`);
  }

  private async page(input: object): Promise<EventsPage> {
    try {
      return await this.call('GetLogEvents', input);
    } catch (error) {
      if (!(error instanceof ServiceCallError) || error.name !== 'ResourceNotFoundException') throw error;
      if (/log group/i.test(error.message)) throw new LedgerGoneError(`the log group of the provider is gone (${describeError(error)})`, { cause: error });
      return {}; // without the stream nothing was noted
    }
  }

  private call(operation: string, input: object, retryable: (error: unknown) => boolean = isTransient): Promise<any> {
    return retry(() => signedCall(this.client, {
      service: 'logs',
      endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
      body: { logGroupName: this.logGroupName, ...input },
    }), {
      clock: this.clock,
      retryable,
      attempts: 4,
      firstPauseMillis: 200,
      longestPauseMillis: 2_000,
    });
  }
}

/** Whether the service has said that it did nothing, and may do it if asked again. */
function isRefusal(error: unknown): boolean {
  return error instanceof ServiceCallError && (error.name === 'ThrottlingException' || error.status === 503);
}

function isTaken(error: unknown): boolean {
  return error instanceof ServiceCallError && error.name === 'ResourceAlreadyExistsException';
}

function isTransient(error: unknown): boolean {
  return !(error instanceof ServiceCallError) || error.status >= 500 || error.name === 'ThrottlingException';
}

/** A ledger for a provider that runs outside of Lambda and has no log group: it lasts as long as the process. */
export class MemoryLedger implements Ledger {
  private readonly notes = new Map<string, LedgerNote[]>();

  constructor(private readonly clock: Clock) {}

  public async claim(key: string): Promise<boolean> {
    if (this.notes.has(key)) return false;
    this.notes.set(key, []);
    return true;
  }

  public async note(key: string, text: string): Promise<void> {
    this.notes.set(key, [...this.notes.get(key) ?? [], { text, time: this.clock.now() }]);
  }

  public async last(key: string): Promise<LedgerNote | undefined> {
    return this.notes.get(key)?.at(-1);
  }

  public async recent(key: string, limit: number): Promise<LedgerNote[]> {
    return this.notes.get(key)?.slice(-limit) ?? [];
  }
}
