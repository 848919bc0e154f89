import { readFileSync } from 'node:fs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { JsonPath, S3CsvItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { definitionOf, readable, resource, statementsOf } from './support/definitions';
import { AgentLoop, AgentRuntime, Command, CommandFleet, CommandFleetProps, FleetCommandOptions, FleetWork } from '../../src';
import { image, testStack } from '../util/stacks';

const FLAGS: Record<string, unknown> = JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

const agentOf = (stack: Stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'agent' });
const command = (stack: Stack, more: Partial<FleetCommandOptions> = {}) => FleetWork.command({ runtime: agentOf(stack), command: Command.shell('git pull'), ...more });
const loopOf = (stack: Stack) => new AgentLoop(stack, 'Loop', { runtime: agentOf(stack), gates: [{ command: Command.shell('npm test') }], budget: { iterations: 5 } });

function fleet(stack: Stack, props: Partial<CommandFleetProps> = {}, work = command(stack)): CommandFleet {
  return new CommandFleet(stack, 'Fleet', { work, resultsBucket: new Bucket(stack, 'Bucket', { serverAccessLogsPrefix: 'logs/', enforceSSL: true }), ...props });
}

describe('its definition', () => {
  test('for a command, with the list in the input', () => {
    const stack = testStack();
    fleet(stack, { toleratedFailurePercentage: 5, startsPerSecond: 10 }, command(stack, {
      command: Command.argv('git', 'checkout', JsonPath.stringAt('$.item.branch')), workingDirectory: '/mnt/workspace', timeout: Duration.minutes(30),
    }));
    expect(definitionOf(stack, 'FleetStateMachine')).toMatchSnapshot();
  });

  test('for a loop, with the list in S3', () => {
    const stack = testStack();
    const bucket = Bucket.fromBucketName(stack, 'Lists', 'lists');
    fleet(stack, { itemReader: new S3CsvItemReader({ bucket, key: 'sessions.csv' }), maxConcurrency: 7, toleratedFailureCount: 3 }, FleetWork.loop(loopOf(stack)));
    const { States } = definitionOf(stack, 'FleetStateMachine');
    const { ItemReader, ItemProcessor, MaxConcurrency, ToleratedFailureCount } = States.Sessions;
    expect({ ItemReader, MaxConcurrency, ToleratedFailureCount }).toMatchObject({
      ItemReader: { ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, Parameters: { Bucket: 'lists', Key: 'sessions.csv' } },
      MaxConcurrency: 7,
      ToleratedFailureCount: 3,
    });
    expect(ItemProcessor.States['Run loop']).toMatchObject({
      Resource: 'arn:<AWS::Partition>:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: '<LoopStateMachine>', Input: { 'task.$': '$.item', 'sessionId.$': '$.sessionId' } },
      End: true,
    });
    expect(Object.keys(States['Failed sessions'].ItemProcessor.States)).toEqual(['Begin session (again)', 'Wait for its turn (again)', 'Run loop (again)']);
  });
});

test('a command that fails, or whose state does, leads to the stop of the session', () => {
  const stack = testStack();
  fleet(stack);
  const { States } = definitionOf(stack, 'FleetStateMachine').States.Sessions.ItemProcessor;
  expect(States['Run command']).toMatchObject({ Next: 'Stop session', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Stop session' }] });
  expect(States['Stop session']).toMatchObject({ Next: 'How has it ended?', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'How has it ended?' }] });
});

test('the executions of items that are abandoned have their sessions stopped by a rule', () => {
  const stack = testStack();
  fleet(stack);
  const { EventPattern, Targets } = resource(stack, 'FleetAbandoned', 'AWS::Events::Rule').Properties;
  expect(readable(EventPattern.detail)).toEqual({ status: ['ABORTED', 'TIMED_OUT'], stateMachineArn: [{ prefix: '<FleetStateMachine>/' }] });
  expect(readable(Targets[0].InputTransformer.InputTemplate)).toContain('{"action":"stopAbandonedItem","place":{"runtimeArn":"<Agent.AgentRuntimeArn>"');
});

test('permissions are those of its tasks, on the folder of the results and on its own executions', () => {
  const stack = testStack();
  fleet(stack, { resultsBucket: new Bucket(stack, 'Results', { encryptionKey: new Key(stack, 'Key') }), resultsPrefix: 'nightly/' });
  const objects = 'arn:<AWS::Partition>:s3:::<Results>/nightly/*';
  const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
  expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy').map(({ Action }) => Action))
    .toEqual(['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession']);
  expect(statementsOf(stack, 'FleetResults')).toEqual([
    allow(['s3:GetObject', 's3:PutObject'], objects), allow(['kms:GenerateDataKey', 'kms:Decrypt'], '<Key.Arn>'),
  ]);
  expect(statementsOf(stack, 'FleetStateMachineRoleDefaultPolicy').filter(({ Resource }) => Resource !== '*')).toEqual([
    allow(['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'], objects),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], '<Key.Arn>'),
    allow('lambda:InvokeFunction', '<CdkAgentCoreRuntimeWorkflowFunction.Arn>'),
  ]);
  const execution = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution';
  expect(statementsOf(stack, 'FleetFindResults')).toEqual([
    { ...allow('states:ListMapRuns', ''), Resource: expect.stringMatching(new RegExp(`^${execution.replace(/[<>]/g, '.')}:.*:\\*$`)) },
  ]);
});

test('a schedule starts it with a list, or lets it read one', () => {
  const stack = testStack();
  const schedule = ScheduleExpression.rate(Duration.days(1));
  fleet(stack).addSchedule('Nightly', { schedule, sessions: [{ branch: 'main' }] });
  expect(resource(stack, 'FleetNightly', 'AWS::Scheduler::Schedule').Properties.Target.Input).toBe('{"sessions":[{"branch":"main"}]}');
  expect(() => fleet(testStack()).addSchedule('Nightly', { schedule })).toThrow('the schedule has no sessions, and no itemReader reads them');
  const reading = testStack();
  const itemReader = new S3CsvItemReader({ bucket: new Bucket(reading, 'Lists'), key: 'sessions.csv' });
  const reader = fleet(reading, { itemReader });
  reader.addSchedule('Nightly', { schedule });
  expect(() => reader.addSchedule('Other', { schedule, sessions: [1] })).toThrow('the schedule has sessions, but itemReader reads them');
});

describe('refusals', () => {
  test.each<[string, Partial<CommandFleetProps>, string]>([
    ['too much at once anywhere', { maxConcurrency: 5_001 }, 'Stack/Fleet: maxConcurrency of 5001 is above the quota of 5000 active sessions; allowed are 1 to 5000. Where AWS has raised the quota, give it as quotas.activeSessions'],
    ['more than a raised quota', { maxConcurrency: 6_001, quotas: { activeSessions: 6_000 } }, 'allowed are 1 to 6000'],
    ['more than a Map does', { maxConcurrency: 10_001, quotas: { activeSessions: 20_000 } }, 'above 10000, the most of one Distributed Map; declare several fleets'],
    ['a concurrency that is none', { maxConcurrency: 0 }, 'maxConcurrency of 0 is not a whole number from 1'],
    ['too many starts', { startsPerSecond: 26 }, 'startsPerSecond of 26 is not above 0 and up to the quota of 25 new sessions a second'],
    ['a quota of nothing', { quotas: { newSessionsPerSecond: 0 } }, 'quotas.newSessionsPerSecond of 0 is not above 0'],
    ['a percentage of more than all', { toleratedFailurePercentage: 101 }, 'toleratedFailurePercentage of 101 is not from 0 to 100'],
    ['a part of a session', { toleratedFailureCount: 1.5 }, 'toleratedFailureCount of 1.5 is not a whole number from 0'],
    ['a prefix that is no folder', { resultsPrefix: 'nightly' }, 'resultsPrefix "nightly" is no folder of S3'],
  ])('of %s', (_, props, message) => {
    expect(() => fleet(testStack(), props)).toThrow(message);
  });

  test('of too much at once in a region', () => {
    const build = (region: string, quotas = {}) => () => fleet(new Stack(new App(), 'Stack', { env: { region } }), { maxConcurrency: 2_501, quotas });
    expect(build('eu-central-1')).toThrow('above the quota of 2500 active sessions in eu-central-1');
    expect(build('us-east-1')).not.toThrow();
    expect(build('eu-central-1', { activeSessions: 3_000 })).not.toThrow();
  });

  test('of a command of more than an hour, with all else', () => {
    const stack = testStack();
    expect(() => fleet(stack, { maxConcurrency: 0 }, command(stack, { timeout: Duration.minutes(61) })))
      .toThrow(/2 faults in its properties\n {2}- timeout of 3660 s is not a whole number from 1 to 3600 s.*\n {2}- maxConcurrency/);
  });
});

describe.each([['default flags', {}], ['all recommended flags', FLAGS]])('cdk-nag under %s', (_title, context) => {
  test.each(['a command', 'a loop'])('finds nothing in %s', (what) => {
    const stack = testStack({ context });
    const work = what === 'a loop' ? FleetWork.loop(loopOf(stack)) : command(stack);
    fleet(stack, { alarmActions: [] }, work).addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.days(1)), sessions: [1] });
    const root = stack.node.root as App;
    const { violations } = new AwsSolutionsChecks(root).validateScope(root);
    // the execution role is the official L2's
    expect(violations.filter(({ violatingResources }) => !violatingResources.every(({ constructPath }) => /Agent\/(ExecutionRole|DefaultPolicy)/.test(constructPath ?? '')))).toEqual([]);
  });
});
