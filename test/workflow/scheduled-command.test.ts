import { App, Duration, Stack } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { AwsSolutionsChecks } from 'cdk-nag';
import { definitionOf, resource, statementsOf } from './support/definitions';
import { AgentRuntime, Command, ScheduledCommand, ScheduledCommandProps } from '../../src';
import { image, templateOf, testStack } from '../util/stacks';

function scheduled(stack: Stack, props: Partial<ScheduledCommandProps> = {}): ScheduledCommand {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'agent' });
  return new ScheduledCommand(stack, 'Backup', {
    runtime, command: Command.shell('git push backup'), schedule: ScheduleExpression.rate(Duration.hours(6)), ...props,
  });
}

test('its definition', () => {
  const stack = testStack();
  scheduled(stack, { sessionId: 'the-session-that-holds-the-repository', timeout: Duration.minutes(30) });
  expect(definitionOf(stack, 'Backup')).toMatchSnapshot();
});

test('its schedule, queue, rule and permissions', () => {
  const stack = testStack();
  const { alarm } = scheduled(stack, { alarmActions: [] });
  expect(resource(stack, 'BackupSchedule', 'AWS::Scheduler::Schedule').Properties).toMatchObject({ ScheduleExpression: 'rate(6 hours)', Target: { Input: '{}' } });
  expect(Object.values(templateOf(stack).Resources).map(({ Type }) => Type)).toEqual(expect.arrayContaining(['AWS::SQS::Queue', 'AWS::Events::Rule', 'AWS::CloudWatch::Alarm']));
  expect(alarm).toBeDefined();
  expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy').map(({ Action }) => Action))
    .toEqual(['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession']);
});

test.each<[string, Partial<ScheduledCommandProps>, string]>([
  ['more than an hour', { timeout: Duration.hours(2) }, 'Stack/Backup: timeout of 7200 s is not a whole number from 1 to 3600 s'],
  ['no command', { command: Command.shell('') }, 'command is empty'],
  ['a short session id', { sessionId: 'short' }, 'has 5 characters'],
])('%s is refused', (_, props, message) => {
  expect(() => scheduled(testStack(), props)).toThrow(message);
});

test('cdk-nag finds nothing in it', () => {
  const stack = testStack();
  scheduled(stack);
  const root = stack.node.root as App;
  const { violations } = new AwsSolutionsChecks(root).validateScope(root);
  // the execution role is the official L2's
  expect(violations.filter(({ violatingResources }) => !violatingResources.every(({ constructPath }) => /Agent\/(ExecutionRole|DefaultPolicy)/.test(constructPath ?? '')))).toEqual([]);
});
