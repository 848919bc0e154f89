import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateLogGroupCommand, CreateLogStreamCommand, DeleteLogGroupCommand, DescribeLogStreamsCommand, FilterLogEventsCommand, GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { errorOf, Harness } from './support/harness';

const GROUP = '/aws/lambda/provider';
const STREAM = 'request/0123';
const AT = { logGroupName: GROUP, logStreamName: STREAM };

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  await harness.cloudWatchLogs().send(new CreateLogGroupCommand({ logGroupName: GROUP }));
});
afterEach(async () => harness.end());

const createStream = async (logStreamName = STREAM) => harness.cloudWatchLogs().send(
  new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
const put = async (...messages: string[]) => harness.cloudWatchLogs().send(
  new PutLogEventsCommand({ ...AT, logEvents: messages.map((message, i) => ({ timestamp: 1_000 + i, message })) }));
const get = async (more: object = {}) => harness.cloudWatchLogs().send(new GetLogEventsCommand({ ...AT, startFromHead: true, ...more }));
const messagesOf = async (more: object = {}) => (await get(more)).events!.map(({ message }) => message);

test('of many who create a stream one succeeds', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, async () => createStream()));
  const failed = outcomes.flatMap((outcome) => outcome.status === 'rejected' ? [outcome.reason] : []);
  expect(failed).toHaveLength(7);
  for (const error of failed) expect(error).toMatchObject({ name: 'ResourceAlreadyExistsException', $metadata: { httpStatusCode: 400 } });
});

test('groups and streams must be there, and are there once', async () => {
  const logs = harness.cloudWatchLogs();
  expect((await errorOf(logs.send(new CreateLogGroupCommand({ logGroupName: GROUP })))).name).toBe('ResourceAlreadyExistsException');
  expect(await errorOf(logs.send(new CreateLogStreamCommand({ logGroupName: 'absent', logStreamName: 'x' })))).toMatchObject({
    name: 'ResourceNotFoundException', message: 'The specified log group does not exist.', $metadata: { httpStatusCode: 400 },
  });
  expect(await errorOf(put('x'))).toMatchObject({ name: 'ResourceNotFoundException', message: 'The specified log stream does not exist.' });
  expect((await errorOf(get())).name).toBe('ResourceNotFoundException');
  await createStream();
  await logs.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));
  expect((await errorOf(get())).name).toBe('ResourceNotFoundException');
  expect((await errorOf(logs.send(new DeleteLogGroupCommand({ logGroupName: GROUP })))).name).toBe('ResourceNotFoundException');
});

test('events come back in order, with the time when they came', async () => {
  await createStream();
  await put('one', 'zwei €');
  await put('three');
  const { events } = await get();
  expect(events).toEqual([
    { timestamp: 1_000, message: 'one', ingestionTime: harness.clock.now() },
    { timestamp: 1_001, message: 'zwei €', ingestionTime: harness.clock.now() },
    { timestamp: 1_000, message: 'three', ingestionTime: harness.clock.now() },
  ]);
  expect(await messagesOf({ startTime: 1_001, endTime: 1_002 })).toEqual(['zwei €']);
});

test('are read page by page, from the head and from the tail', async () => {
  await createStream();
  await put('a', 'b', 'c', 'd', 'e');
  const first = await get({ limit: 2 });
  const second = await get({ limit: 2, nextToken: first.nextForwardToken });
  const third = await get({ limit: 2, nextToken: second.nextForwardToken });
  expect([first, second, third].map(({ events }) => events!.map(({ message }) => message).join(''))).toEqual(['ab', 'cd', 'e']);
  // the token at the end stays the same, until there is more
  const end = await get({ nextToken: third.nextForwardToken });
  expect(end).toMatchObject({ events: [], nextForwardToken: third.nextForwardToken });
  await put('f');
  expect(await messagesOf({ nextToken: end.nextForwardToken })).toEqual(['f']);
  expect(await messagesOf({ nextToken: second.nextBackwardToken, limit: 1 })).toEqual(['b']);
  expect(await messagesOf({ startFromHead: false, limit: 2 })).toEqual(['e', 'f']);
  expect((await errorOf(get({ nextToken: 'invented' }))).name).toBe('InvalidParameterException');
});

test('a page holds at most 1 MB', async () => {
  await createStream();
  for (let i = 0; i < 3; i++) await put('x'.repeat(500_000));
  const first = await get();
  expect(first.events).toHaveLength(2);
  expect((await get({ nextToken: first.nextForwardToken })).events).toHaveLength(1);
});

test('streams are described', async () => {
  const logs = harness.cloudWatchLogs();
  for (const name of ['b', 'a', 'other']) await createStream(name);
  await logs.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: 'b', logEvents: [{ timestamp: 5, message: 'x' }] }));
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
  expect(logStreams!.map(({ logStreamName }) => logStreamName)).toEqual(['a', 'b', 'other']);
  expect(logStreams![1]).toMatchObject({ firstEventTimestamp: 5, lastEventTimestamp: 5, arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:log-stream:b` });
  const newest = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP, orderBy: 'LastEventTime', descending: true, limit: 1 }));
  expect(newest.logStreams![0].logStreamName).toBe('b');
  const page = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP, limit: 2 }));
  const next = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP, limit: 2, nextToken: page.nextToken }));
  expect(next.logStreams!.map(({ logStreamName }) => logStreamName)).toEqual(['other']);
  expect(next.nextToken).toBeUndefined();
});

test('what was acknowledged outlives the server, what was half written does not', async () => {
  await createStream();
  await put('kept');
  await harness.stopServer();
  const [group] = await readdir(join(harness.stateDir, 'cloudwatch-logs'));
  const stream = (await readdir(join(harness.stateDir, 'cloudwatch-logs', group))).find((name) => name.endsWith('.jsonl'))!;
  await appendFile(join(harness.stateDir, 'cloudwatch-logs', group, stream), '[1,[[2,"half');
  await harness.startServer();
  expect(await messagesOf()).toEqual(['kept']);
  expect((await errorOf(createStream())).name).toBe('ResourceAlreadyExistsException');
  await put('more');
  await harness.restart();
  expect(await messagesOf()).toEqual(['kept', 'more']);
});

test.each([
  ['a name with characters that are not allowed', 'CreateLogStream', { logGroupName: GROUP, logStreamName: 'a:b' }, 'InvalidParameterException'],
  ['a missing member', 'PutLogEvents', { logGroupName: GROUP }, 'InvalidParameterException'],
  ['events out of order', 'PutLogEvents', { ...AT, logEvents: [{ timestamp: 2, message: 'a' }, { timestamp: 1, message: 'b' }] }, 'InvalidParameterException'],
  ['too many bytes', 'PutLogEvents', { ...AT, logEvents: [{ timestamp: 2, message: 'x'.repeat(1_048_576) }] }, 'InvalidParameterException'],
  ['a value of the wrong type', 'GetLogEvents', { ...AT, limit: 'many' }, 'InvalidParameterException'],
  ['an operation that is not served', 'StartQuery', {}, 'UnknownOperationException'],
  ['no JSON', 'GetLogEvents', '{', 'SerializationException'],
])('refuses %s', async (_, operation, input, type) => {
  const response = await fetch(harness.endpoint, {
    method: 'POST', headers: { 'x-amz-target': `Logs_20140328.${operation}` }, body: typeof input === 'string' ? input : JSON.stringify(input),
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/x-amz-json-1.1']);
  expect(await response.json()).toEqual({ __type: type, message: expect.any(String) });
});

test('events of all streams come in the order of their times, page by page', async () => {
  const logs = harness.cloudWatchLogs();
  for (const [logStreamName, ...times] of [['a', 1_000, 3_000], ['b', 2_000, 4_000]] as const) {
    await createStream(logStreamName);
    await logs.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents: times.map((timestamp) => ({ timestamp, message: `${logStreamName}${timestamp}` })) }));
  }
  const filter = async (more: object = {}) => logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...more }));
  const { events, nextToken } = await filter();
  expect(events!.map(({ message }) => message)).toEqual(['a1000', 'b2000', 'a3000', 'b4000']);
  expect(new Set(events!.map(({ eventId }) => eventId)).size).toBe(4);
  expect(nextToken).toBeUndefined();
  const first = await filter({ limit: 3 });
  const second = await filter({ limit: 3, nextToken: first.nextToken });
  expect([...first.events!, ...second.events!]).toEqual(events);
  expect(second.nextToken).toBeUndefined();
  expect((await filter({ startTime: 2_000, endTime: 4_000 })).events!.map(({ message }) => message)).toEqual(['b2000', 'a3000']);
  expect((await filter({ logStreamNamePrefix: 'b' })).events!.map(({ logStreamName }) => logStreamName)).toEqual(['b', 'b']);
  expect((await errorOf(filter({ nextToken: 'x' }))).name).toBe('InvalidParameterException');
  expect((await errorOf(filter({ logGroupName: 'absent' }))).name).toBe('ResourceNotFoundException');
});
