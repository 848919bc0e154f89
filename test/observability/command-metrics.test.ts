import { App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Dashboard, GraphWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Command, CommandMetrics, CommandRunner } from '../../src';
import { CommandAttributes } from '../../src/provider/command-end';
import { COMMAND_ATTRIBUTES } from '../../src/provider/contract';
import { commandMetrics } from '../../src/provider/metrics';
import { resourceOf, templateOf, testStack } from '../util/stacks';

function command(stack: Stack, id = 'Check'): CommandRunner {
  const runtime = Runtime.fromAgentRuntimeAttributes(stack, `${id}Runtime`, {
    agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789',
    agentRuntimeId: 'imported-0123456789',
    agentRuntimeName: 'imported',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
  });
  return new CommandRunner(stack, id, { runtime, command: Command.shell('echo secret-plan') });
}

const rendered = (stack: Stack, metric: Metric) => {
  const { metricStat } = metric.toMetricConfig();
  return stack.resolve(metricStat);
};

test('metrics carry the name under which the provider writes them', () => {
  const stack = testStack();
  const runner = command(stack);
  const name = stack.resolve(CommandMetrics.fromRunner(runner).commandName);
  const { id } = resourceOf(templateOf(stack), 'Custom::AgentCoreCommand');
  const stackId = `arn:aws:cloudformation:us-west-2:123456789012:stack/${stack.stackName}/0a1b2c3d`;
  const attributes = { ...Object.fromEntries(COMMAND_ATTRIBUTES.map((attribute) => [attribute, ''])), DurationMillis: '1' } as CommandAttributes;
  const written: any = commandMetrics({ stackId, logicalId: id }, { attributes }, 1);
  expect(name).toBe(written.CommandName);
  const metrics = CommandMetrics.fromRunner(runner);
  for (const metric of [metrics.metricDuration(), metrics.metricFailures(), metrics.metricTimeouts(), metrics.metricRuns()]) {
    const { namespace, metricName, dimensions } = rendered(stack, metric);
    expect(namespace).toBe(written._aws.CloudWatchMetrics[0].Namespace);
    expect(written).toHaveProperty(metricName);
    expect(dimensions).toEqual([{ name: 'CommandName', value: written.CommandName }]);
  }
});

test('the provider of a nested stack knows the nested name, and so do metrics, within and without', () => {
  const stack = testStack();
  const nested = new NestedStack(stack, 'Nested');
  const metrics = CommandMetrics.fromRunner(command(nested));
  for (const home of [stack, nested]) {
    new Dashboard(home, 'Dashboard', { widgets: [[new GraphWidget({ left: [metrics.metricFailures()] })]] });
  }
  const body = (home: Stack) => JSON.stringify(resourceOf(templateOf(home), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody);
  expect(body(stack)).toContain('"Fn::Select":[1,{"Fn::Split":["/",{"Ref":"NestedNestedStack');
  expect(body(nested)).toContain('{"Ref":"AWS::StackName"},"/Check');
});

test('metrics in another stack need no export', () => {
  const app = new App();
  const metrics = CommandMetrics.fromRunner(command(new Stack(app, 'Agents')));
  const watching = new Stack(app, 'Watching');
  metrics.metricFailures().createAlarm(watching, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
  const { Dimensions } = resourceOf(templateOf(watching), 'AWS::CloudWatch::Alarm').Properties;
  expect(Dimensions).toEqual([{ Name: 'CommandName', Value: expect.stringMatching(/^Agents\/Check[0-9A-F]{8}$/) }]);
});

test('metrics look at the region of the command', () => {
  const app = new App();
  const env = (region: string) => ({ env: { region, account: '123456789012' } });
  const metrics = CommandMetrics.fromRunner(command(new Stack(app, 'Agents', env('eu-west-1'))));
  const watching = new Stack(app, 'Watching', env('us-east-1'));
  new Dashboard(watching, 'Dashboard', { widgets: [[new GraphWidget({ left: [metrics.metricFailures()] })]] });
  expect(JSON.stringify(templateOf(watching))).toContain(String.raw`\"region\":\"eu-west-1\"`);
});

test.each([
  ['metricDuration', 'Duration', 'Average'],
  ['metricFailures', 'Failures', 'Sum'],
  ['metricTimeouts', 'Timeouts', 'Sum'],
  ['metricRuns', 'Failures', 'SampleCount'],
] as const)('%s is %s by its %s, unless told otherwise', (method, metricName, statistic) => {
  const stack = testStack();
  const metrics = CommandMetrics.fromRunner(command(stack));
  expect(rendered(stack, metrics[method]())).toMatchObject({ metricName, statistic, period: Duration.minutes(5) });
  const own = metrics[method]({ statistic: 'Maximum', period: Duration.hours(1), dimensionsMap: { Stage: 'prod' } });
  expect(rendered(stack, own)).toMatchObject({
    metricName,
    statistic: 'Maximum',
    dimensions: [{ name: 'CommandName', value: expect.any(String) }, { name: 'Stage', value: 'prod' }],
  });
  expect(own.period).toEqual(Duration.hours(1));
});

test('no metric carries the text of the command', () => {
  const stack = testStack();
  const metrics = CommandMetrics.fromRunner(command(stack));
  metrics.metric('Duration').createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
  expect(JSON.stringify(resourceOf(templateOf(stack), 'AWS::CloudWatch::Alarm'))).not.toContain('secret-plan');
});

test('a runner has them at hand', () => {
  const stack = testStack();
  const runner = command(stack);
  const metrics = CommandMetrics.fromRunner(runner);
  const options = { period: Duration.hours(1) };
  for (const method of ['metricDuration', 'metricFailures', 'metricTimeouts'] as const) {
    expect(rendered(stack, runner[method](options))).toEqual(rendered(stack, metrics[method](options)));
  }
  expect(rendered(stack, runner.metric('Failures', options))).toEqual(rendered(stack, metrics.metric('Failures', options)));
});
