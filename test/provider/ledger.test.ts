import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CloudWatchLogsClient, CreateLogGroupCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { LogStreamLedger, MemoryLedger } from '../../src/provider/ledger';
import { Harness } from '../local/server/support/harness';
import { FakeClock } from '../util/fake-clock';

const GROUP = '/aws/lambda/provider';
const CONFIG = { region: 'us-east-1', credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' } };

let harness: Harness;
let client: BedrockAgentCoreClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  harness = await Harness.start();
  client = new BedrockAgentCoreClient(CONFIG);
  logs = new CloudWatchLogsClient({ ...CONFIG, endpoint: harness.endpoint });
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
});

afterAll(async () => {
  client.destroy();
  logs.destroy();
  await harness.end();
});

beforeEach(() => { process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS = harness.endpoint; });
afterEach(() => { delete process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS; });

let keys = 0;

describe.each([
  ['log streams', () => new LogStreamLedger(client, GROUP, new FakeClock(1_000))],
  ['memory', () => new MemoryLedger(new FakeClock(1_000))],
])('in %s', (_, open) => {
  test('a key is claimed once, however many ask at the same time', async () => {
    const ledger = open();
    const key = `request/${keys++}`;
    const claims = await Promise.all(Array.from({ length: 8 }, () => ledger.claim(key)));
    expect(claims.filter((won) => won)).toHaveLength(1);
    expect(await ledger.claim(key)).toBe(false);
  });

  test('the last note counts, with its time', async () => {
    const ledger = open();
    const key = `deleted/${keys++}`;
    expect(await ledger.last(key)).toBeUndefined();
    await ledger.note(key, 'first');
    await ledger.note(key, 'ümläut "quoted"');
    expect(await ledger.last(key)).toEqual({ text: 'ümläut "quoted"', time: 1_000 });
  });

  test('a claim without a note says nothing yet', async () => {
    const ledger = open();
    await ledger.claim('request/open');
    expect(await ledger.last('request/open')).toBeUndefined();
  });
});

test('what is noted is an ordinary event of an ordinary log stream', async () => {
  await new LogStreamLedger(client, GROUP, new FakeClock(5)).note('request/visible', 'outcome');
  const { events } = await logs.send(new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: 'request/visible' }));
  expect(events).toMatchObject([{ message: 'outcome', timestamp: 5 }]);
});

test('where the log group is missing nothing is claimed, and nobody can tell what was noted', async () => {
  await expect(new LogStreamLedger(client, '/missing', new FakeClock()).last('request/1')).rejects.toThrow(/log group/);
  await expect(new LogStreamLedger(client, '/missing', new FakeClock()).claim('request/1')).rejects.toThrow(/nothing was started .*ResourceNotFoundException/);
});

describe('with a service that fails', () => {
  let server: Server;
  let calls: string[];
  let answers: (number | 'reset')[];
  let bodies: string[];

  beforeEach(async () => {
    [calls, answers, bodies] = [[], [], []];
    server = createServer((request, response) => {
      calls.push(request.headers['x-amz-target'] as string);
      const answer = answers.shift() ?? 200;
      request.resume();
      if (answer === 'reset') request.socket.destroy();
      else response.writeHead(answer).end(answer === 200 ? bodies.shift() ?? '{}' : '{"__type":"ServiceUnavailableException"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('a refused claim is tried again', async () => {
    answers = [503, 503];
    expect(await new LogStreamLedger(client, GROUP, new FakeClock()).claim('request/1')).toBe(true);
    expect(calls).toHaveLength(3);
  });

  test('a claim whose answer was lost is not: it might be taken for somebody else\'s', async () => {
    answers = ['reset'];
    await expect(new LogStreamLedger(client, GROUP, new FakeClock()).claim('request/1')).rejects.toThrow(/nothing was started/);
    expect(calls).toHaveLength(1);
  });

  test('a page may be empty although there are more', async () => {
    const pages = [{ nextBackwardToken: 'b/2' }, { nextBackwardToken: 'b/1' }, { events: [{ message: 'noted', timestamp: 5 }], nextBackwardToken: 'b/0' }];
    bodies = pages.map((page) => JSON.stringify(page));
    expect(await new LogStreamLedger(client, GROUP, new FakeClock()).last('request/1')).toEqual({ text: 'noted', time: 5 });
    expect(calls).toHaveLength(3);
  });

  test('nothing was noted where the pages end without an event', async () => {
    bodies = ['b/1', 'b/1'].map((nextBackwardToken) => JSON.stringify({ events: [], nextBackwardToken }));
    expect(await new LogStreamLedger(client, GROUP, new FakeClock()).last('request/1')).toBeUndefined();
  });

  test('a note is', async () => {
    answers = [200, 'reset'];
    await new LogStreamLedger(client, GROUP, new FakeClock()).note('request/1', 'text');
    expect(calls).toEqual(['Logs_20140328.CreateLogStream', 'Logs_20140328.PutLogEvents', 'Logs_20140328.PutLogEvents']);
  });
});
