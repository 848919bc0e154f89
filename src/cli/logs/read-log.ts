import { CloudWatchLogsClient, FilteredLogEvent, FilterLogEventsCommand, FilterLogEventsCommandInput, FilterLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import { Clock, SYSTEM_CLOCK } from '../../client/clock';

/** One line of a log group. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly stream: string;
  readonly message: string;
}

export interface ReadLogOptions {
  readonly group: string;
  /** From when on, in milliseconds since the epoch. */
  readonly since: number;
  /** Whether to wait for what comes. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const POLL_MILLIS = 1_000;
/** How late a line may come and still be seen when a log is followed; lines are not taken in by the order of their times. */
const LATE_MILLIS = 15_000;

/** The lines of all streams of a log group, by their times; when it is followed, a group that is not there yet is waited for. */
export async function* readLog(client: CloudWatchLogsClient, options: ReadLogOptions): AsyncGenerator<LogLine, void, undefined> {
  const { follow, signal, clock = SYSTEM_CLOCK } = options;
  let newest = options.since;
  let seen = new Map<string, number>();
  for (;;) {
    const startTime = Math.max(options.since, newest - LATE_MILLIS);
    for await (const { eventId, timestamp, logStreamName, message } of eventsSince(client, options, startTime)) {
      if (seen.has(eventId!)) continue;
      seen.set(eventId!, timestamp!);
      newest = Math.max(newest, timestamp!);
      yield { timestamp: timestamp!, stream: logStreamName!, message: message! };
    }
    if (!follow) return;
    // what is not asked for again needs not be remembered
    seen = new Map([...seen].filter(([, timestamp]) => timestamp >= newest - LATE_MILLIS));
    await clock.sleep(POLL_MILLIS, signal);
  }
}

async function* eventsSince(
  client: CloudWatchLogsClient, { group, follow, signal }: ReadLogOptions, startTime: number,
): AsyncGenerator<FilteredLogEvent, void, undefined> {
  let nextToken: string | undefined;
  do {
    try {
      const page = await readPage(client, { logGroupName: group, startTime, nextToken }, signal);
      yield* page.events ?? [];
      ({ nextToken } = page);
    } catch (error) {
      signal.throwIfAborted();
      if (follow && (error as Error).name === 'ResourceNotFoundException') return;
      throw error;
    }
  } while (nextToken !== undefined);
}

/** One page of the lines of a log group: the one call by which `logs` reads, and `doctor` tries whether it may. */
export async function readPage(
  client: CloudWatchLogsClient, page: FilterLogEventsCommandInput, signal?: AbortSignal,
): Promise<FilterLogEventsCommandOutput> {
  return client.send(new FilterLogEventsCommand(page), { abortSignal: signal });
}
