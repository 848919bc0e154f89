import { Duration } from 'aws-cdk-lib';
import { IBedrockAgentRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Dashboard, GraphWidget, Metric, MetricOptions, Stats, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { CommandMetrics } from './command-metrics';
import type { CommandRunner } from '../command/command-runner';

/** Properties of `AgentRuntimeDashboard`. */
export interface AgentRuntimeDashboardProps {
  /**
   * The name of the dashboard, unique within the account.
   *
   * @default - one that CloudFormation makes up
   */
  readonly dashboardName?: string;

  /**
   * The runtimes to show: an `AgentRuntime`, a `Runtime` of `aws-cdk-lib/aws-bedrockagentcore`, or an imported one.
   *
   * @default - none but those of `addRuntime`
   */
  readonly runtimes?: IBedrockAgentRuntime[];

  /**
   * The commands to show.
   *
   * @default - none but those of `addCommand`
   */
  readonly commands?: CommandRunner[];

  /**
   * Over how long each point of a graph goes.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;

  /**
   * How much time the graphs show at first.
   *
   * @default - what CloudWatch chooses, 3 hours
   */
  readonly defaultInterval?: Duration;
}

/**
 * A CloudWatch dashboard of runtimes and of the commands that deployments run in them.
 *
 * Each runtime has a row with its invocations, errors, latency and sessions, from the metrics of the service; all commands
 * share one row with their runs, failures and durations, in which CloudWatch shows up to 500 commands.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-runtime-metrics.html
 *
 * @example
 * new AgentRuntimeDashboard(stack, 'Dashboard', { runtimes: [agent], commands: [smokeTest] });
 */
export class AgentRuntimeDashboard extends Construct {
  /** The dashboard itself, to add widgets of one's own to. */
  public readonly dashboard: Dashboard;
  private readonly options: MetricOptions;
  private commandGraphs?: { readonly runs: GraphWidget; readonly failures: GraphWidget; readonly durations: GraphWidget };

  /** Declares the dashboard, with the runtimes first. */
  constructor(scope: Construct, id: string, props: AgentRuntimeDashboardProps = {}) {
    super(scope, id);
    const { dashboardName, defaultInterval, runtimes = [], commands = [], period = Duration.minutes(5) } = props;
    this.dashboard = new Dashboard(this, 'Resource', { dashboardName, defaultInterval });
    this.options = { period };
    runtimes.forEach((runtime) => this.addRuntime(runtime));
    commands.forEach((command) => this.addCommand(command));
  }

  /** Adds the row of a runtime. */
  public addRuntime(runtime: IBedrockAgentRuntime): void {
    const { options } = this;
    const labelled = (label: string) => ({ ...options, label });
    this.addRow(`Runtime ${runtime.agentRuntimeName}`, [
      graph(6, 'Invocations', [runtime.metricInvocations(labelled('Invocations')), runtime.metricThrottles(labelled('Throttles'))]),
      graph(6, 'Errors', [runtime.metricSystemErrors(labelled('System errors')), runtime.metricUserErrors(labelled('User errors'))]),
      graph(6, 'Latency (ms)', [
        runtime.metricLatency(labelled('Average')),
        runtime.metricLatency({ ...labelled('99 %'), statistic: Stats.percentile(99) }),
      ]),
      graph(6, 'Sessions', [runtime.metricSessionCount(labelled('Sessions'))]),
    ]);
  }

  /** Adds a command to the graphs that all commands share. */
  public addCommand(command: CommandRunner): void {
    const { runs, failures, durations } = this.commandGraphs ??= this.addCommandRow();
    const metrics = CommandMetrics.fromRunner(command);
    const options = { ...this.options, label: command.node.path };
    runs.addLeftMetric(metrics.metricRuns(options));
    failures.addLeftMetric(metrics.metricFailures(options));
    failures.addRightMetric(metrics.metricTimeouts({ ...options, label: `${command.node.path} (time-outs)` }));
    durations.addLeftMetric(metrics.metricDuration({ ...options, statistic: Stats.MAXIMUM }));
  }

  private addCommandRow() {
    const runs = graph(8, 'Runs');
    const failures = graph(8, 'Failures (left), time-outs (right)');
    const durations = graph(8, 'Longest duration (ms)');
    this.addRow('Commands', [runs, failures, durations]);
    return { runs, failures, durations };
  }

  private addRow(title: string, graphs: GraphWidget[]): void {
    this.dashboard.addWidgets(new TextWidget({ markdown: `## ${title}`, width: 24, height: 1 }));
    this.dashboard.addWidgets(...graphs);
  }
}

function graph(width: number, title: string, left: Metric[] = []): GraphWidget {
  return new GraphWidget({ width, title, left, leftYAxis: { min: 0 }, rightYAxis: { min: 0 } });
}
