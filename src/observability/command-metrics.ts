import { CfnResource, Stack } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CommandRunner } from '../command/command-runner';
import { COMMAND_DIMENSION, COMMAND_METRICS, METRICS_NAMESPACE, commandName } from '../provider/contract';

/**
 * The metrics of the commands that a `CommandRunner` runs.
 *
 * The provider writes them to its log when a run ends, and CloudWatch takes them from there: namespace
 * `CdkAgentCoreRuntime`, one dimension `CommandName`, which never holds the text of the command. A delivery of the same
 * request that comes twice counts once. There is no data while no command runs, which is most of the time: let alarms
 * treat missing data as not breaching.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
 *
 * @example
 * const failures = CommandMetrics.fromRunner(smokeTest).metricFailures({ period: Duration.hours(1) });
 */
export class CommandMetrics {
  /** The metrics of one command. */
  public static fromRunner(runner: CommandRunner): CommandMetrics {
    return new CommandMetrics(runner);
  }

  /** The value of the dimension `CommandName`: the name of the stack, a slash, and the command's logical id. */
  public readonly commandName: string;

  private constructor(private readonly runner: CommandRunner) {
    const { logicalId } = runner.node.defaultChild as CfnResource;
    this.commandName = commandName(Stack.of(runner).stackName, logicalId);
  }

  /**
   * One metric of the command, by its name.
   *
   * @param metricName `Duration`, `Failures` or `Timeouts`
   * @default - average over 5 minutes
   */
  public metric(metricName: string, props: MetricOptions = {}): Metric {
    return new Metric({
      namespace: METRICS_NAMESPACE,
      metricName,
      ...props,
      dimensionsMap: { [COMMAND_DIMENSION]: this.commandName, ...props.dimensionsMap },
    }).attachTo(this.runner);
  }

  /**
   * How long the command took, in milliseconds; a command that was refused, or whose outcome is unknown, tells none.
   *
   * @default - average over 5 minutes
   */
  public metricDuration(props?: MetricOptions): Metric {
    return this.metric(COMMAND_METRICS.duration, { statistic: Stats.AVERAGE, ...props });
  }

  /**
   * How often the command failed: by its exit code, by its time-out, refused, or with an unknown outcome; also where the
   * deployment goes on all the same.
   *
   * @default - sum over 5 minutes
   */
  public metricFailures(props?: MetricOptions): Metric {
    return this.metric(COMMAND_METRICS.failures, { statistic: Stats.SUM, ...props });
  }

  /**
   * How often the command was ended by its time-out; each counts as a failure too.
   *
   * @default - sum over 5 minutes
   */
  public metricTimeouts(props?: MetricOptions): Metric {
    return this.metric(COMMAND_METRICS.timeouts, { statistic: Stats.SUM, ...props });
  }

  /**
   * How often the command ended, whatever its outcome.
   *
   * @default - count over 5 minutes
   */
  public metricRuns(props?: MetricOptions): Metric {
    return this.metric(COMMAND_METRICS.failures, { statistic: Stats.SAMPLE_COUNT, label: 'Runs', ...props });
  }
}
