import { App, Duration, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { AgentRuntime, AgentRuntimeDashboard, Command, CommandRunner, Provisioning } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const NAME = 'coder';

function agent(stack: Stack, id = 'Agent'): AgentRuntime {
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: NAME });
}

function command(stack: Stack, id: string, runtime: AgentRuntime): CommandRunner {
  return new CommandRunner(stack, id, { runtime, command: Command.shell('npm test') });
}

/** The widgets as CloudWatch gets them, tokens as `<…>`. */
function widgetsOf(stack: Stack): any[] {
  const { DashboardBody } = resourceOf(templateOf(stack), 'AWS::CloudWatch::Dashboard').Properties;
  const parts: unknown[] = typeof DashboardBody === 'string' ? [DashboardBody] : DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : '<token>')).join('')).widgets;
}

const metricNames = (widget: any): string[] => widget.properties.metrics.map(([, name]: string[]) => name);
const titles = (widgets: any[]): string[] => widgets.map(({ properties }) => properties.title ?? properties.markdown);

test('shows a row per runtime, from the metrics of the service', () => {
  const stack = testStack();
  new AgentRuntimeDashboard(stack, 'Dashboard', { runtimes: [agent(stack)] });
  const [heading, ...graphs] = widgetsOf(stack);
  expect(heading.properties.markdown).toBe('## Runtime coder');
  expect(titles(graphs)).toEqual(['Invocations', 'Errors', 'Latency (ms)', 'Sessions']);
  expect(graphs.map(metricNames)).toEqual([['Invocations', 'Throttles'], ['SystemErrors', 'UserErrors'], ['Latency', 'Latency'], ['SessionCount']]);
  for (const metric of graphs.flatMap(({ properties }) => properties.metrics)) {
    expect(metric[0]).toBe('AWS/Bedrock-AgentCore');
    // among other dimensions, in later versions of the official runtime
    expect(metric[metric.indexOf('Resource') + 1]).toBe('<token>');
  }
});

test('shows all commands in one row', () => {
  const stack = testStack();
  const runtime = agent(stack);
  new AgentRuntimeDashboard(stack, 'Dashboard', { commands: ['Check', 'Lint'].map((id) => command(stack, id, runtime)) });
  const [heading, runs, failures, durations, ...more] = widgetsOf(stack);
  expect(more).toEqual([]);
  expect(heading.properties.markdown).toBe('## Commands');
  const labels = ({ properties }: any) => properties.metrics.map((metric: any[]) => metric.at(-1).label);
  expect(labels(runs)).toEqual(['Stack/Check', 'Stack/Lint']);
  expect(labels(durations)).toEqual(['Stack/Check', 'Stack/Lint']);
  expect(metricNames(durations)).toEqual(['Duration', 'Duration']);
  expect(metricNames(failures).sort()).toEqual(['Failures', 'Failures', 'Timeouts', 'Timeouts']);
  expect(failures.properties.metrics.filter((metric: any[]) => metric.at(-1).yAxis === 'right').map(([, name]: string[]) => name)).toEqual(['Timeouts', 'Timeouts']);
});

test('fills the width, row by row, without overlap', () => {
  const stack = testStack();
  const runtime = agent(stack);
  new AgentRuntimeDashboard(stack, 'Dashboard', { runtimes: [runtime], commands: [command(stack, 'Check', runtime)] });
  const rows = new Map<number, number>();
  for (const { y, width } of widgetsOf(stack)) rows.set(y, (rows.get(y) ?? 0) + width);
  expect([...rows.values()]).toEqual([24, 24, 24, 24]);
});

test('takes more runtimes, commands and widgets later', () => {
  const stack = testStack();
  const board = new AgentRuntimeDashboard(stack, 'Dashboard', { dashboardName: 'agents', defaultInterval: Duration.days(7), period: Duration.hours(1) });
  const runtime = agent(stack);
  board.addCommand(command(stack, 'Check', runtime));
  board.addRuntime(runtime);
  board.addCommand(command(stack, 'Lint', runtime));
  board.dashboard.addWidgets(new TextWidget({ markdown: 'mine' }));
  const widgets = widgetsOf(stack);
  expect(titles(widgets.filter(({ type }) => type === 'text'))).toEqual(['## Commands', '## Runtime coder', 'mine']);
  expect(widgets[1].properties.metrics).toHaveLength(2);
  expect(widgets.filter(({ type }) => type === 'metric').flatMap(({ properties }) => properties.metrics).every((metric) => metric.at(-1).period === 3_600)).toBe(true);
  expect(resourceOf(templateOf(stack), 'AWS::CloudWatch::Dashboard').Properties.DashboardName).toBe('agents');
});

test('shows native, official and imported runtimes, also from other stacks', () => {
  const app = new App();
  const agents = new Stack(app, 'Agents');
  const runtimes = [
    new AgentRuntime(agents, 'Native', { agentRuntimeArtifact: image(), provisioning: Provisioning.CLOUDFORMATION }),
    new Runtime(agents, 'Official', { agentRuntimeArtifact: image() }),
    Runtime.fromAgentRuntimeAttributes(agents, 'Imported', {
      agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789',
      agentRuntimeId: 'imported-0123456789',
      agentRuntimeName: 'imported',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
    }),
  ];
  const watching = new Stack(app, 'Watching');
  new AgentRuntimeDashboard(watching, 'Dashboard', { runtimes });
  expect(titles(widgetsOf(watching).filter(({ type }) => type === 'text')).at(-1)).toBe('## Runtime imported');
  expect(widgetsOf(watching)).toHaveLength(15);
});

test('may be empty at first', () => {
  const stack = testStack();
  new AgentRuntimeDashboard(stack, 'Dashboard');
  expect(widgetsOf(stack)).toEqual([]);
});
