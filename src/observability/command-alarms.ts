import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { CommandMetrics } from './command-metrics';
import type { CommandRunner } from '../command/command-runner';
import { throwFaults } from '../runtime/faults';
import { byRule } from '../runtime/rule-id';

/** Properties of `CommandAlarms`. */
export interface CommandAlarmsProps {
  /** The commands to watch: at least one, each once. */
  readonly commands: CommandRunner[];

  /**
   * How long a command may take before that is alarming, though it has not failed.
   *
   * @default - no alarm on the duration
   */
  readonly maxDuration?: Duration;

  /**
   * What happens when an alarm goes off, such as a message to a topic.
   *
   * @default - nothing, the alarm only shows
   */
  readonly alarmActions?: IAlarmAction[];

  /**
   * What happens when an alarm is over.
   *
   * @default - nothing
   */
  readonly okActions?: IAlarmAction[];
}

/**
 * Alarms that go off when a command fails, and when one takes too long.
 *
 * A failed command fails its deployment anyway; the alarms tell those who did not start that deployment. An alarm exists
 * from the end of the deployment that adds it, and does not see the first run of a command that is added with it for sure.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 *
 * @example
 * new CommandAlarms(stack, 'Alarms', { commands: [smokeTest], maxDuration: Duration.minutes(3), alarmActions: [new SnsAction(topic)] });
 */
export class CommandAlarms extends Construct {
  /** The alarms on failures, in the order of the commands. */
  public readonly failures: Alarm[];

  /** The alarms on the duration, in the order of the commands; empty without `maxDuration`. */
  public readonly durations: Alarm[];

  /**
   * Declares the alarms: one per command, two with `maxDuration`.
   *
   * @throws an error where there is no command to watch, one is there twice, or there is no time for one
   */
  constructor(scope: Construct, id: string, props: CommandAlarmsProps) {
    super(scope, id);
    const { commands, maxDuration, alarmActions = [], okActions = [] } = props;
    const fixed = maxDuration && !maxDuration.isUnresolved();
    throwFaults(this, [
      ...byRule('alarmCommands', [
        ...commands.length > 0 ? [] : ['commands is empty; give it at least one CommandRunner'],
        ...[...new Set(commands.filter((command, i) => commands.indexOf(command) !== i))].map(({ node }) => `command ${node.path} is named more than once; name it once`),
      ]),
      ...byRule('alarmDuration', fixed && maxDuration.toMilliseconds() <= 0
        ? ['maxDuration of 0 s is not longer than nothing; leave it out, or give more than what the commands usually take'] : []),
    ]);

    const declare = (command: CommandRunner, what: string, metric: Metric, threshold: number, description: string) => {
      // by the path of the command, so that neither its place in the list nor other commands change its logical id
      const alarm = metric.createAlarm(this, `${command.node.path}/${what}`, {
        alarmDescription: `Command ${command.node.path} ${description}`,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        threshold,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(...alarmActions);
      alarm.addOkAction(...okActions);
      return alarm;
    };
    this.failures = commands.map((command) => declare(command, 'Failures', CommandMetrics.fromRunner(command).metricFailures(), 0, 'has failed'));
    this.durations = !maxDuration ? [] : commands.map((command) => {
      const longest = CommandMetrics.fromRunner(command).metricDuration({ statistic: Stats.MAXIMUM });
      return declare(command, 'Duration', longest, maxDuration.toMilliseconds(), 'has taken longer than it should');
    });
  }
}
