import { EVENT_OVERHEAD_BYTES, logEventsPage, PageQuery } from './log-events-page';
import { LogEvent, LogStore, LogStream } from './log-store';
import { LOGS_SHAPES, logsInputViolations } from './logs-model';
import { partitionOf } from '../../../service/partition';
import { LOCAL_ACCOUNT } from '../../identity';

/** How large one PutLogEvents may be, in bytes. */
const MAX_BATCH_BYTES = 1_048_576;

/** An error of CloudWatch Logs; its HTTP status is 400. */
export class LogsError extends Error {
  constructor(public readonly type: string, message: string) {
    super(message);
  }
}

interface GroupInput {
  readonly logGroupName: string;
}

interface StreamInput extends GroupInput {
  readonly logStreamName: string;
}

interface PutInput extends StreamInput {
  readonly logEvents: readonly Omit<LogEvent, 'ingestionTime'>[];
}

interface FilterInput extends GroupInput {
  readonly logStreamNamePrefix?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly nextToken?: string;
  readonly limit?: number;
}

interface DescribeInput extends GroupInput {
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: 'LogStreamName' | 'LastEventTime';
  readonly descending?: boolean;
  readonly limit?: number;
  readonly nextToken?: string;
}

/** The part of CloudWatch Logs that the provider and the CLI use. */
export class LogsApi {
  constructor(private readonly store: LogStore, private readonly now: () => number) {}

  /** Runs an operation; throws a LogsError where the service would answer with one. */
  public async run(operation: string, input: unknown, region: string): Promise<object> {
    if (!Object.hasOwn(LOGS_SHAPES, `${operation}Request`)) throw new LogsError('UnknownOperationException', `operation ${operation} is not served by the local AgentCore`);
    const [found] = logsInputViolations(operation, input);
    if (found) throw new LogsError('InvalidParameterException', `${found.path} ${found.message}`.trim());
    switch (operation) {
      case 'CreateLogGroup': return this.createLogGroup(input as GroupInput);
      case 'DeleteLogGroup': return this.deleteLogGroup(input as GroupInput);
      case 'CreateLogStream': return this.createLogStream(input as StreamInput);
      case 'PutLogEvents': return this.putLogEvents(input as PutInput);
      case 'GetLogEvents': return this.getLogEvents(input as StreamInput & PageQuery);
      case 'FilterLogEvents': return this.filterLogEvents(input as FilterInput);
      default: return this.describeLogStreams(input as DescribeInput, region);
    }
  }

  private async createLogGroup({ logGroupName }: GroupInput): Promise<object> {
    if (!await this.store.createGroup(logGroupName, this.now())) throw new LogsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    return {};
  }

  private async deleteLogGroup({ logGroupName }: GroupInput): Promise<object> {
    if (!await this.store.deleteGroup(logGroupName)) throw new LogsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return {};
  }

  private async createLogStream({ logGroupName, logStreamName }: StreamInput): Promise<object> {
    if (!await this.store.createStream(logGroupName, logStreamName, this.now())) {
      throw new LogsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    return {};
  }

  private async putLogEvents({ logGroupName, logStreamName, logEvents }: PutInput): Promise<object> {
    const bytes = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
    if (bytes > MAX_BATCH_BYTES) throw new LogsError('InvalidParameterException', `batch of ${bytes} bytes is larger than the ${MAX_BATCH_BYTES} bytes that are allowed`);
    if (logEvents.some(({ timestamp }, i) => i > 0 && timestamp < logEvents[i - 1].timestamp)) {
      throw new LogsError('InvalidParameterException', 'Log events in a single PutLogEvents request must be in chronological order.');
    }
    await this.store.append(logGroupName, logStreamName, logEvents, this.now());
    return {};
  }

  private async getLogEvents({ logGroupName, logStreamName, ...query }: StreamInput & PageQuery): Promise<object> {
    const page = logEventsPage(await this.store.events(logGroupName, logStreamName), query);
    if (!page) throw new LogsError('InvalidParameterException', 'The specified nextToken is invalid.');
    return page;
  }

  /** The events of all streams in the order of their timestamps. */
  private async filterLogEvents(input: FilterInput): Promise<object> {
    const { logGroupName, logStreamNamePrefix = '', startTime = 0, endTime = Infinity, nextToken = '0', limit = 10_000 } = input;
    if (!/^\d{1,12}$/.test(nextToken)) throw new LogsError('InvalidParameterException', 'The specified nextToken is invalid.');
    const streams = this.store.streams(logGroupName).filter(({ name }) => name.startsWith(logStreamNamePrefix)).sort(byName);
    const all = await Promise.all(streams.map(async ({ name }) => (await this.store.events(logGroupName, name))
      .map((event, index) => ({ ...event, logStreamName: name, eventId: `${name}/${index}` }))));
    const found = all.flat().filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime).sort((a, b) => a.timestamp - b.timestamp);
    const end = Number(nextToken) + limit;
    return { events: found.slice(Number(nextToken), end), nextToken: end < found.length ? String(end) : undefined, searchedLogStreams: [] };
  }

  private async describeLogStreams(input: DescribeInput, region: string): Promise<object> {
    const { logGroupName, logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false, limit = 50, nextToken } = input;
    const sorted = this.store.streams(logGroupName)
      .filter(({ name }) => name.startsWith(logStreamNamePrefix))
      .sort(orderBy === 'LastEventTime' ? byLastEvent : byName);
    if (descending) sorted.reverse();
    const from = nextToken === undefined ? 0 : sorted.findIndex(({ name }) => name === nextToken) + 1;
    const page = sorted.slice(from, from + limit);
    return {
      logStreams: page.map((stream) => ({
        logStreamName: stream.name,
        creationTime: stream.createdAt,
        firstEventTimestamp: stream.firstEventTimestamp,
        lastEventTimestamp: stream.lastEventTimestamp,
        lastIngestionTime: stream.lastIngestionTime,
        arn: `arn:${partitionOf(region)}:logs:${region}:${LOCAL_ACCOUNT}:log-group:${logGroupName}:log-stream:${stream.name}`,
        storedBytes: 0,
      })),
      nextToken: from + limit < sorted.length ? page[page.length - 1].name : undefined,
    };
  }
}

function byName(a: LogStream, b: LogStream): number {
  return a.name < b.name ? -1 : 1;
}

function byLastEvent(a: LogStream, b: LogStream): number {
  return (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0) || byName(a, b);
}
