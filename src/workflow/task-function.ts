import { Duration } from 'aws-cdk-lib';
import { TaskMetricsConfig, TaskStateBaseProps, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { WorkflowFunction } from './workflow-function';
import { WORKFLOW_TIMEOUT_SECONDS } from '../workflow-handler/contract';

/** The metrics of tasks, which are those of the function that they call. */
export function taskMetricsOf({ handler }: WorkflowFunction): TaskMetricsConfig {
  return {
    metricPrefixSingular: 'LambdaFunction',
    metricPrefixPlural: 'LambdaFunctions',
    metricDimensions: { LambdaFunctionArn: handler.functionArn },
  };
}

/** With a time-out of the state where there is none: a little longer than a call of the function, whose own end tells more. */
export function withTimeout<Props extends TaskStateBaseProps>(props: Props): Props {
  if (props.taskTimeout || props.timeout) return props;
  return { ...props, taskTimeout: Timeout.duration(Duration.seconds(WORKFLOW_TIMEOUT_SECONDS + 30)) };
}
