import { readFileSync } from 'node:fs';
import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { definitionOf, readable, resource, statementsOf } from './support/definitions';
import { AgentLoop, AgentLoopProps, AgentRuntime, Command, LoopBudget } from '../../src';
import { image, templateOf, testStack } from '../util/stacks';

const FLAGS: Record<string, unknown> = JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

function loop(stack: Stack, props: Partial<AgentLoopProps> = {}): AgentLoop {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'agent' });
  return new AgentLoop(stack, 'Loop', { runtime, gates: [{ command: Command.shell('npm test') }], budget: { iterations: 5 }, ...props });
}

const NIGHTLY = { schedule: ScheduleExpression.cron({ minute: '0', hour: '22', timeZone: TimeZone.EUROPE_BERLIN }), task: { mend: 'bug' } };

test('its definition', () => {
  const stack = testStack();
  loop(stack, {
    gates: [
      { name: 'lint', command: Command.argv('npm', 'run', 'lint'), workingDirectory: '/mnt/workspace' },
      { name: 'tests', command: Command.shell('npm test'), environment: { CI: 'true' }, timeout: Duration.minutes(40) },
    ],
    finish: [{ command: Command.shell('git push') }],
    budget: { iterations: 10, duration: Duration.hours(6), tokens: 100_000 },
    agentTimeout: Duration.minutes(5),
    observationCharacters: 2_000,
  });
  expect(definitionOf(stack, 'Loop')).toMatchSnapshot();
});

test('whatever a state throws leads to the one that stops the session, but for those that come after it', () => {
  const stack = testStack();
  loop(stack, { finish: [{ command: Command.shell('git push') }] });
  const { States } = definitionOf(stack, 'Loop');
  const tasks = Object.entries<any>(States).filter(([, { Type }]) => Type === 'Task');
  const catches = (name: string) => States[name].Catch?.map((catcher: any) => [catcher.ErrorEquals, catcher.Next]);
  const after = ['Begin', 'Stop session', 'Summarize', 'Tell of the end'];
  for (const [name] of tasks.filter(([task]) => !after.includes(task))) expect([name, catches(name)]).toEqual([name, [[['States.ALL'], 'Stop session']]]);
  expect(catches('Stop session')).toEqual([[['States.ALL'], 'Summarize']]);
  expect(catches('Tell of the end')).toEqual([[['States.ALL'], 'Has it passed?']]);
  // nothing is open yet
  expect(catches('Begin')).toBeUndefined();
});

test('only what has not reached the agent is invoked again', () => {
  const stack = testStack();
  loop(stack);
  expect(definitionOf(stack, 'Loop').States['Invoke agent'].Retry.flatMap(({ ErrorEquals }: any) => ErrorEquals))
    .toEqual(['SessionBusy', 'Throttled', 'Lambda.TooManyRequestsException']);
});

test('an execution that its states do not end has its session stopped by a rule', () => {
  const stack = testStack();
  const { stateMachine } = loop(stack);
  const { EventPattern, Targets } = resource(stack, 'LoopAbandoned', 'AWS::Events::Rule').Properties;
  expect(EventPattern).toEqual({
    'source': ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    'detail': { status: ['ABORTED', 'TIMED_OUT'], stateMachineArn: [stack.resolve(stateMachine.stateMachineArn)] },
  });
  expect(readable(Targets)).toEqual([{
    Id: 'Target0',
    Arn: '<CdkAgentCoreRuntimeWorkflowFunction.Arn>',
    InputTransformer: {
      InputTemplate: '{"action":"stopAbandoned","place":{"runtimeArn":"<Agent.AgentRuntimeArn>","qualifier":"DEFAULT"},"event":<aws.events.event.json>}',
    },
  }]);
});

test('permissions are those of its tasks, and the one event bus', () => {
  const stack = testStack();
  loop(stack, { eventBus: new EventBus(stack, 'Bus') });
  expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy').map(({ Action }) => Action)).toEqual([
    'bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:StopRuntimeSession', 'bedrock-agentcore:InvokeAgentRuntimeCommand',
  ]);
  expect(statementsOf(stack, 'LoopStateMachineRoleDefaultPolicy').filter(({ Resource }) => Resource !== '*')).toEqual([
    { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '<CdkAgentCoreRuntimeWorkflowFunction.Arn>' },
    { Effect: 'Allow', Action: 'events:PutEvents', Resource: '<Bus.Arn>' },
  ]);
});

test('a schedule starts it in its time zone, and what could not be started is kept', () => {
  const stack = testStack();
  const scheduled = loop(stack);
  scheduled.addSchedule('Nightly', NIGHTLY);
  scheduled.addSchedule('Weekly', { ...NIGHTLY, sessionId: 'a'.repeat(33), enabled: false });
  const { Target, ...schedule } = resource(stack, 'LoopNightly', 'AWS::Scheduler::Schedule').Properties;
  expect(schedule).toMatchObject({ ScheduleExpression: 'cron(0 22 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', State: 'ENABLED' });
  expect(readable(Target)).toMatchObject({
    Input: '{"task":{"mend":"bug"}}',
    DeadLetterConfig: { Arn: '<LoopDeadLetterQueue.Arn>' },
    RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 10 },
  });
  const weekly = resource(stack, 'LoopWeekly', 'AWS::Scheduler::Schedule').Properties;
  expect([weekly.State, weekly.Target.Input]).toEqual(['DISABLED', `{"task":{"mend":"bug"},"sessionId":"${'a'.repeat(33)}"}`]);
  expect(Object.values(templateOf(stack).Resources).filter(({ Type }) => Type === 'AWS::SQS::Queue')).toHaveLength(1);
});

test('an alarm counts what did not succeed, where there is somebody to tell', () => {
  const stack = testStack();
  const { alarm } = loop(stack, { alarmActions: [new SnsAction(new Topic(stack, 'Topic'))] });
  const { Metrics, AlarmActions, Threshold } = resource(stack, 'LoopFailures', 'AWS::CloudWatch::Alarm').Properties;
  expect(Metrics.flatMap((metric: any) => metric.MetricStat?.Metric.MetricName ?? []).sort()).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
  expect([readable(AlarmActions), Threshold]).toEqual([['<Topic>'], 0]);
  expect(alarm).toBeDefined();
  expect(loop(testStack()).alarm).toBeUndefined();
});

describe('refusals', () => {
  const command = Command.shell('true');
  const faults = (props: Partial<AgentLoopProps>) => () => loop(testStack(), props);

  test.each<[string, Partial<AgentLoopProps>, string]>([
    ['no gate', { gates: [] }, 'gates has 0 commands, allowed are 1 to 10; without a gate nothing tells when the work is done'],
    ['no budget', { budget: {} }, 'budget is empty, so that nothing would end a loop whose gates do not pass; give iterations, a duration or tokens'],
    ['too many rounds', { budget: { iterations: 101 } }, 'iterations of 101 is not a whole number from 1 to 100'],
    ['no token', { budget: { tokens: 0 } }, 'tokens of 0 is not a whole number from 1'],
    ['too long', { budget: { duration: Duration.days(8) } }, 'budget.duration of 691200 s is not a whole number from 1 to 604800 s'],
    ['a gate of more than an hour', { gates: [{ command, timeout: Duration.hours(2) }] }, 'gate 1: timeout of 7200 s is not a whole number from 1 to 3600 s'],
    ['an agent of more than 14 minutes', { agentTimeout: Duration.minutes(15) }, 'agentTimeout of 900 s is not a whole number from 1 to 840 s'],
    ['two of a name', { gates: [{ command, name: 'a' }, { command, name: 'a' }] }, 'name "a" is there more than once'],
    ['a name that is none', { finish: [{ command, name: '' }] }, 'finish 1: name "" has other characters'],
    ['an empty command', { finish: [{ command: Command.shell('') }] }, 'finish 1: command is empty'],
  ])('of %s', (_, props, message) => {
    expect(faults(props)).toThrow(message);
  });

  test('come all at once, with the path', () => {
    expect(faults({ gates: [], budget: {} as LoopBudget })).toThrow(/^Stack\/Loop: 2 faults in its properties\n {2}- gates .*\n {2}- budget/);
  });

  test('of a schedule without a task', () => {
    expect(() => loop(testStack()).addSchedule('Nightly', { ...NIGHTLY, task: undefined })).toThrow('the task of a schedule is empty');
    expect(() => loop(testStack()).addSchedule('Nightly', { ...NIGHTLY, sessionId: 'short' })).toThrow('has 5 characters');
  });
});

describe.each([['default flags', {}], ['all recommended flags', FLAGS]])('cdk-nag under %s', (_title, context) => {
  test('finds nothing in it', () => {
    const stack = testStack({ context });
    loop(stack, { finish: [{ command: Command.shell('git push') }], alarmActions: [] }).addSchedule('Nightly', NIGHTLY);
    const root = stack.node.root as App;
    const { violations } = new AwsSolutionsChecks(root).validateScope(root);
    // the execution role is the official L2's
    expect(violations.filter(({ violatingResources }) => !violatingResources.every(({ constructPath }) => /Agent\/(ExecutionRole|DefaultPolicy)/.test(constructPath ?? '')))).toEqual([]);
  });
});
