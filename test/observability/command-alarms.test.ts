import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AgentRuntime, Command, CommandAlarms, CommandAlarmsProps, CommandRunner } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

function commands(stack: Stack, ...ids: string[]): CommandRunner[] {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  return ids.map((id) => new CommandRunner(stack, id, { runtime, command: Command.shell('npm test') }));
}

function alarmsOf(stack: Stack): [string, any][] {
  return Object.entries(templateOf(stack).Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
}

function declare(props: Partial<CommandAlarmsProps>, ...ids: string[]): Stack {
  const stack = testStack();
  new CommandAlarms(stack, 'Alarms', { commands: commands(stack, ...ids), ...props });
  return stack;
}

test('one failure is alarming, no command is not', () => {
  const stack = declare({}, 'Check');
  const { Properties } = resourceOf(templateOf(stack), 'AWS::CloudWatch::Alarm');
  expect(Properties).toEqual({
    AlarmDescription: 'Command Stack/Check has failed',
    Namespace: 'CdkAgentCoreRuntime',
    MetricName: 'Failures',
    Dimensions: [{ Name: 'CommandName', Value: expect.stringMatching(/^Stack\/Check[0-9A-F]{8}$/) }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    TreatMissingData: 'notBreaching',
  });
});

test('the longest run may be limited, in milliseconds', () => {
  const stack = declare({ maxDuration: Duration.minutes(2) }, 'Check', 'Lint');
  const durations = alarmsOf(stack).map(([, { Properties }]) => Properties).filter(({ MetricName }) => MetricName === 'Duration');
  expect(durations).toHaveLength(2);
  expect(durations[0]).toMatchObject({ Statistic: 'Maximum', Threshold: 120_000, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' });
});

test('alarms are there for each command, in order, and tell whom they are to tell', () => {
  const stack = testStack();
  const [topic, quiet] = ['Topic', 'Quiet'].map((id) => new Topic(stack, id));
  const alarms = new CommandAlarms(stack, 'Alarms', {
    commands: commands(stack, 'Check', 'Lint'),
    maxDuration: Duration.minutes(1),
    alarmActions: [new SnsAction(topic)],
    okActions: [new SnsAction(quiet)],
  });
  expect(alarms.failures.map(({ node }) => node.id)).toEqual(['Stack--Check--Failures', 'Stack--Lint--Failures']);
  expect(alarms.durations.map(({ node }) => node.id)).toEqual(['Stack--Check--Duration', 'Stack--Lint--Duration']);
  const rendered = alarmsOf(stack);
  expect(rendered).toHaveLength(4);
  for (const [, { Properties }] of rendered) {
    expect(Properties).toMatchObject({ AlarmActions: [stack.resolve(topic.topicArn)], OKActions: [stack.resolve(quiet.topicArn)] });
  }
});

test('an alarm keeps its logical id when others come before it', () => {
  const ids = (...names: string[]) => alarmsOf(declare({}, ...names)).map(([id]) => id);
  expect(ids('Build', 'Check')).toEqual(expect.arrayContaining(ids('Check')));
});

test('commands of several stacks have one place for their alarms', () => {
  const app = new App();
  const stacks = ['First', 'Second'].map((id) => new Stack(app, id));
  const watching = new Stack(app, 'Watching');
  new CommandAlarms(watching, 'Alarms', { commands: stacks.flatMap((stack) => commands(stack, 'Check')) });
  expect(alarmsOf(watching)).toHaveLength(2);
});

test.each<[string, Partial<CommandAlarmsProps>, string[], RegExp]>([
  ['no command', {}, [], /^Stack\/Alarms: commands is empty; give it at least one CommandRunner \[rule: cdk-agentcore-runtime:alarmCommands\]$/],
  ['no time', { maxDuration: Duration.millis(0) }, ['Check'], /^Stack\/Alarms: maxDuration of 0 s is not longer than nothing.*:alarmDuration\]$/],
])('refuses %s', (_title, props, ids, message) => {
  expect(() => declare(props, ...ids)).toThrow(message);
});

test('refuses a command that is named twice', () => {
  const stack = testStack();
  const [check, other] = commands(stack, 'Check', 'Other');
  expect(() => new CommandAlarms(stack, 'Alarms', { commands: [check, other, check] }))
    .toThrow(/^Stack\/Alarms: command Stack\/Check is named more than once; name it once \[rule: cdk-agentcore-runtime:alarmCommands\]$/);
});

test('takes the shortest time', () => {
  const stack = declare({ maxDuration: Duration.millis(1) }, 'Check');
  expect(alarmsOf(stack).map(([, { Properties }]) => Properties.Threshold).sort()).toEqual([0, 1]);
});

test('takes a time that is a token', () => {
  const stack = declare({ maxDuration: Duration.millis(Lazy.number({ produce: () => 5_000 })) }, 'Check');
  expect(alarmsOf(stack).map(([, { Properties }]) => Properties.Threshold).sort()).toEqual([0, 5_000]);
});
