import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { QueryLanguage, TaskMetricsConfig, TaskStateBase, TaskStateJsonPathBaseProps } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { taskMetricsOf, withTimeout } from './task-function';
import { REFUSALS, SAFE_CALLS } from './task-retries';
import { WorkflowFunction } from './workflow-function';

export interface FunctionTaskProps extends TaskStateJsonPathBaseProps {
  /** What the function is given. */
  readonly payload: object;
}

/** What a state machine says badly, done by the function: to do it twice is the same as once. */
export class FunctionTask extends TaskStateBase {
  protected readonly taskMetrics?: TaskMetricsConfig;
  protected readonly taskPolicies?: PolicyStatement[];
  private readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, private readonly props: FunctionTaskProps) {
    super(scope, id, withTimeout(props));
    this.workflow = WorkflowFunction.of(this);
    this.taskMetrics = taskMetricsOf(this.workflow);
    this.taskPolicies = [this.workflow.invocation];
    for (const retry of [REFUSALS, SAFE_CALLS]) this.addRetry(retry);
  }

  protected _renderTask(): any {
    return { Resource: this.workflow.handler.functionArn, ...this._renderParametersOrArguments(this.props.payload, QueryLanguage.JSON_PATH) };
  }
}
