import { CommandEnd } from './command-end';
import { COMMAND_DIMENSION, COMMAND_METRICS, METRICS_NAMESPACE, commandName } from './contract';
import { Owner } from './contract/ownership';

/**
 * How a command ended, as metrics in the embedded metric format: where they are one line of the function's log, CloudWatch
 * takes them out of it. A command without a result has no duration.
 *
 * @param time when it ended, in milliseconds since the epoch
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function commandMetrics({ stackId, logicalId }: Owner, { attributes, failure }: CommandEnd, time: number): Readonly<Record<string, unknown>> {
  const { duration, failures, timeouts } = COMMAND_METRICS;
  const { DurationMillis, Status } = attributes;
  const values = {
    [failures]: failure === undefined ? 0 : 1,
    [timeouts]: Status === 'TIMED_OUT' ? 1 : 0,
    ...(DurationMillis ? { [duration]: Number(DurationMillis) } : {}),
  };
  return {
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [{
        Namespace: METRICS_NAMESPACE,
        Dimensions: [[COMMAND_DIMENSION]],
        Metrics: Object.keys(values).map((Name) => ({ Name, Unit: Name === duration ? 'Milliseconds' : 'Count' })),
      }],
    },
    // arn:aws:cloudformation:<region>:<account>:stack/<name>/<unique id>
    [COMMAND_DIMENSION]: commandName(stackId.split('/')[1] ?? stackId, logicalId),
    ...values,
  };
}
