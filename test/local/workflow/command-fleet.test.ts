import { CfnOutput } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { JsonPath, S3CsvItemReader, S3ManifestItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { LocalStack } from './stack';
import { AgentLoop, Command, CommandFleet, FleetWork } from '../../../src';
import { AgentSession } from '../../../src/client';

const stack = new LocalStack();
beforeAll(async () => {
  await stack.deploy((scope, runtime) => {
    const bucket = new Bucket(scope, 'Objects');
    const given = FleetWork.command({ runtime, command: Command.argv('sh', '-c', 'echo "$0"; exit "$1"', JsonPath.stringAt('$.sessionId'), JsonPath.stringAt('$.item.exit')) });
    const onResults = { resultsBucket: bucket, maxConcurrency: 4 };
    new CommandFleet(scope, 'Tolerant', { ...onResults, work: given, toleratedFailurePercentage: 50 });
    new CommandFleet(scope, 'Strict', { ...onResults, work: FleetWork.command({ runtime, command: Command.argv('sh', '-c', 'exec sleep "$0"', JsonPath.stringAt('$.item.seconds')) }) });
    new CommandFleet(scope, 'Listed', { ...onResults, work: given, itemReader: new S3CsvItemReader({ bucket, key: 'sessions.csv' }) });
    const keys = FleetWork.command({ runtime, command: Command.argv('echo', JsonPath.stringAt('$.item.Key')) });
    new CommandFleet(scope, 'Inventory', { ...onResults, work: keys, itemReader: new S3ManifestItemReader({ bucket, key: 'inventory/manifest.json' }) });
    const loop = new AgentLoop(scope, 'Loop', { runtime, gates: [{ command: Command.shell('grep -q "round 2" "$HOME/rounds"') }], budget: { iterations: 3 } });
    new CommandFleet(scope, 'Loops', { ...onResults, work: FleetWork.loop(loop), toleratedFailureCount: 1 });
    new CfnOutput(scope, 'Bucket', { value: bucket.bucketName });
    new CfnOutput(scope, 'AgentArn', { value: runtime.agentRuntimeArn });
  });
});
afterAll(async () => stack.end());

const objectAt = (key: string) => `${stack.local.endpoint}/_local/objects/${stack.outputs.Bucket}/${key}`;
const put = async (key: string, body: string) => fetch(objectAt(key), { method: 'PUT', body });
const text = async (key: string) => (await fetch(objectAt(key))).text();

/** The rows of the report of an execution. */
async function rowsOf(execution: string): Promise<Record<string, string>[]> {
  const [header, ...lines] = (await text(`fleets/${execution}/sessions.csv`)).trimEnd().split('\n').map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]]))).sort((a, b) => Number(a.index) - Number(b.index));
}

async function expectStopped(sessionIds: readonly string[]): Promise<void> {
  for (const sessionId of sessionIds) {
    const session = AgentSession.of({ runtimeArn: stack.outputs.AgentArn, sessionId, endpoint: stack.local.endpoint });
    expect([sessionId, await session.stop()]).toEqual([sessionId, false]);
    session.close();
  }
}

const NAMED = 'a-session-that-an-item-of-the-list-names';

test('what has failed is told, and is worked on again alone, in the same sessions', async () => {
  const sessions = [{ exit: '0' }, { exit: '3', sessionId: NAMED }, { exit: '4' }, { exit: '0' }];
  const first: any = await stack.execute('Tolerant', { sessions }, { name: 'first' });
  expect(first).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'Succeeded', sessions: 4, succeeded: 2, failed: 2, errors: { CommandFailed: 2 }, exitCodes: { 0: 2, 3: 1, 4: 1 } } });
  const rows = await rowsOf('first');
  expect(rows.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([['Succeeded', '0'], ['CommandFailed', '3'], ['CommandFailed', '4'], ['Succeeded', '0']]);
  expect(rows[1].sessionId).toBe(NAMED);
  expect(JSON.parse(await text('fleets/first/summary.json'))).toEqual(first.output);
  await expectStopped(rows.map(({ sessionId }) => sessionId));

  // all of these fail again, which is more than half
  const again: any = await stack.execute('Tolerant', { redrive: 'first' }, { name: 'again' });
  expect(again).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  expect(JSON.parse(again.cause)).toMatchObject({ sessions: 2, succeeded: 0, failed: 2 });
  expect((await rowsOf('again')).map(({ index, sessionId }) => [index, sessionId])).toEqual(rows.slice(1, 3).map(({ index, sessionId }) => [index, sessionId]));
});

test('an item with a session that cannot be is told of', async () => {
  const result: any = await stack.execute('Tolerant', { sessions: [{ exit: '0' }, 'short', { exit: '0' }] }, { name: 'invalid' });
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { errors: { InvalidInput: 1 }, succeeded: 2 } });
  expect((await rowsOf('invalid'))[1]).toEqual({ index: '1', sessionId: '', outcome: 'InvalidInput', exitCode: '', durationMillis: '' });
});

test('one failure more than is tolerated ends it: what runs is stopped, what waits is not begun, and both are told of', async () => {
  const sessions = [{ seconds: '600' }, { seconds: 'x' }, { seconds: '600' }, { seconds: '600' }, { seconds: '600' }, { seconds: '600' }];
  const result: any = await stack.execute('Strict', { sessions }, { name: 'strict' });
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  const { sessions: all, succeeded, failed, notStarted, errors } = JSON.parse(result.cause);
  expect({ all, succeeded, failed: failed + notStarted }).toEqual({ all: 6, succeeded: 0, failed: 6 });
  expect(errors.CommandFailed).toBe(1);
  expect(notStarted).toBeGreaterThanOrEqual(2);
  expect(JSON.parse(await text('fleets/strict/failed.json'))).toHaveLength(6);
  await expectStopped((await rowsOf('strict')).map(({ sessionId }) => sessionId));
  expect(stack.processes('sleep 600')).toBe(0);
});

test('one that is aborted leaves no session running', async () => {
  const abort = new AbortController();
  const result = await stack.execute('Strict', { sessions: [{ seconds: '601' }, { seconds: '601' }] }, {
    signal: abort.signal, onLog: ({ line }) => { if (line.includes('starting command')) abort.abort(); },
  });
  expect(result).toMatchObject({ status: 'ABORTED' });
  expect(stack.processes('sleep 601')).toBe(0);
});

test('the list may be an object of CSV', async () => {
  await put('sessions.csv', `sessionId,exit\n,0\n${NAMED},0\n"","0"\n`);
  expect(await stack.execute('Listed', {}, { name: 'listed' })).toMatchObject({ status: 'SUCCEEDED', output: { sessions: 3, succeeded: 3 } });
  expect((await rowsOf('listed'))[1].sessionId).toBe(NAMED);
});

test('the list may be an inventory', async () => {
  await put('inventory/data.csv', '"things","a.txt","5"\n"things","b.txt","6"\n');
  await put('inventory/manifest.json', JSON.stringify({
    sourceBucket: 'things', destinationBucket: `arn:aws:s3:::${stack.outputs.Bucket}`, fileFormat: 'CSV', fileSchema: 'Bucket, Key, Size', files: [{ key: 'inventory/data.csv', size: 1 }],
  }));
  expect(await stack.execute('Inventory', {}, { name: 'inventory' })).toMatchObject({ status: 'SUCCEEDED', output: { sessions: 2, succeeded: 2 } });
});

test('a list that is not there is told as the reason', async () => {
  const result: any = await stack.execute('Tolerant', { redrive: 'never' });
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
  expect(JSON.parse(result.cause)).toMatchObject({ sessions: 0, reason: expect.stringMatching(/^s3:\/\/[^/]+\/fleets\/never\/failed\.json is not there, or this state machine is not allowed to read it; give as redrive the name of an execution/) });
});

test('loops are run as executions of their own, with their items as tasks', async () => {
  const result: any = await stack.execute('Loops', { sessions: [{ agent: 'works' }, { agent: 'fails' }] }, { name: 'loops' });
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { sessions: 2, succeeded: 1, errors: { AgentFailed: 1 } } });
  const rows = await rowsOf('loops');
  expect(rows.map(({ outcome }) => outcome)).toEqual(['Succeeded', 'AgentFailed']);
  expect(rows.every(({ durationMillis }) => Number(durationMillis) > 0)).toBe(true);
  await expectStopped(rows.map(({ sessionId }) => sessionId));
});
