import { Duration } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Choice, Condition, DefinitionBody, Fail, JsonPath, Map as MapState, Pass, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LocalStack } from './stack';
import { AgentCoreRunCommand, AgentCoreStopSession, Command, ScheduledCommand } from '../../../src';

const stack = new LocalStack();
beforeAll(async () => {
  await stack.deploy((scope, runtime) => {
    const schedule = ScheduleExpression.rate(Duration.hours(6));
    new ScheduledCommand(scope, 'Good', { runtime, schedule, command: Command.shell('echo fine'), outputBucket: new Bucket(scope, 'Output') });
    new ScheduledCommand(scope, 'Bad', { runtime, schedule, command: Command.shell('echo broken >&2; exit 4') });

    const run = AgentCoreRunCommand.jsonPath(scope, 'Run', { runtime, command: Command.argv('echo', JsonPath.stringAt('$.word')), resultSelector: { 'said.$': '$.stdoutTail' }, sessionId: JsonPath.stringAt('$.session') });
    const map = new MapState(scope, 'Each', {
      itemsPath: '$.words', maxConcurrency: 2, itemSelector: { word: JsonPath.stringAt('$$.Map.Item.Value'), session: JsonPath.stringAt('$.session') },
    }).itemProcessor(run);
    new StateMachine(scope, 'Words', { definitionBody: DefinitionBody.fromChainable(map) });
    new StateMachine(scope, 'Jsonata', { queryLanguage: QueryLanguage.JSONATA, definitionBody: DefinitionBody.fromChainable(AgentCoreStopSession.jsonata(scope, 'StopJsonata', { runtime })) });
    const choice = new Choice(scope, 'Big?').when(Condition.numberGreaterThan('$.n', 5), new Fail(scope, 'TooBig', { error: 'TooBig', cause: 'more than 5' })).otherwise(new Pass(scope, 'Fine'));
    new StateMachine(scope, 'Numbers', { definitionBody: DefinitionBody.fromChainable(choice) });
  });
});
afterAll(async () => stack.end());

test('a command runs, its output is stored, and its session is stopped', async () => {
  const result: any = await stack.execute('Good', {});
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { exitCode: 0, stdoutTail: 'fine\n' } });
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(result.output.output.stdout)!;
  const stored = await fetch(`${stack.local.endpoint}/_local/objects/${bucket}/${key}`);
  expect(await stored.text()).toBe('fine\n');
  expect(stack.entered).toEqual(['Begin', 'Run command', 'Stop session', 'Has it failed?', 'Succeeded']);
});

test('a command that fails makes its execution fail, with the session stopped before', async () => {
  const result: any = await stack.execute('Bad', { whatever: 1 });
  expect(result).toMatchObject({ status: 'FAILED', error: 'CommandFailed', cause: expect.stringContaining('exit code: 4') });
  expect(stack.entered.slice(-3)).toEqual(['Stop session', 'Has it failed?', 'Failed']);
});

test('the items of a Map are tasks of their own, though they are the same state at the same time', async () => {
  const session = 'a-session-that-all-of-the-words-share';
  expect(await stack.execute('Words', { words: ['one', 'two', 'three'], session })).toMatchObject({
    status: 'SUCCEEDED', output: [{ said: 'one\n' }, { said: 'two\n' }, { said: 'three\n' }],
  });
});

test('state machines of other states run too; JSONata is refused by name', async () => {
  expect(await stack.execute('Numbers', { n: 3 })).toMatchObject({ status: 'SUCCEEDED', output: { n: 3 } });
  expect(await stack.execute('Numbers', { n: 7 })).toMatchObject({ status: 'FAILED', error: 'TooBig', cause: 'more than 5' });
  await expect(stack.execute('Jsonata', {})).rejects.toThrow('cannot be run locally, which takes JSONPath, as tasks have it by `jsonPath`: the definition has QueryLanguage "JSONata"');
  await expect(stack.execute('Nothing', {})).rejects.toThrow('no state machine Nothing is deployed here; deployed are');
});
