import { Duration } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, AgentRuntimeDashboard, Command, CommandAlarms, CommandRunner } from '../../src';

integration('ObservabilityIntegration', (stack) => {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: agentCode() });
  const check = new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
  new CommandAlarms(stack, 'Alarms', { commands: [check], maxDuration: Duration.minutes(3), alarmActions: [new SnsAction(new Topic(stack, 'Topic'))] });
  new AgentRuntimeDashboard(stack, 'Dashboard', { runtimes: [runtime], commands: [check] });
});
