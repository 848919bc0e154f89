import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  QueryLanguage, TaskMetricsConfig, TaskStateBase, TaskStateBaseProps, TaskStateJsonataBaseProps, TaskStateJsonPathBaseProps,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SessionTaskOptions } from './session-task-props';
import { taskMetricsOf, withTimeout } from './task-function';
import { placeFaults, qualifierOf, renderPlace, renderVisit } from './task-place';
import { REFUSALS, SAFE_CALLS } from './task-retries';
import { WorkflowFunction } from './workflow-function';
import { throwFaults } from '../runtime/faults';

/** Properties of `AgentCoreStopSession` with JSONPath. */
export interface AgentCoreStopSessionJsonPathProps extends SessionTaskOptions, TaskStateJsonPathBaseProps {}

/** Properties of `AgentCoreStopSession` with JSONata. */
export interface AgentCoreStopSessionJsonataProps extends SessionTaskOptions, TaskStateJsonataBaseProps {}

/** Properties of `AgentCoreStopSession`. */
export interface AgentCoreStopSessionProps extends SessionTaskOptions, TaskStateBaseProps {}

/**
 * Stops a session, and all that runs in it, as a task of a state machine; what it wrote to session storage stays.
 *
 * The result is `stopped`, false where the session was not running, and `sessionId`. Errors to catch: `SessionNotStopped`,
 * `SessionBusy`, `Throttled`, `InvalidInput`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-stop-session.html
 *
 * @example
 * const stop = AgentCoreStopSession.jsonPath(stack, 'Stop', { runtime: agent, resultPath: sfn.JsonPath.DISCARD });
 */
export class AgentCoreStopSession extends TaskStateBase {
  /**
   * Stops a session, in a state that uses JSONPath.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props which session to stop
   */
  public static jsonPath(scope: Construct, id: string, props: AgentCoreStopSessionJsonPathProps): AgentCoreStopSession {
    return new AgentCoreStopSession(scope, id, props);
  }

  /**
   * Stops a session, in a state that uses JSONata.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props which session to stop
   */
  public static jsonata(scope: Construct, id: string, props: AgentCoreStopSessionJsonataProps): AgentCoreStopSession {
    return new AgentCoreStopSession(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  protected readonly taskMetrics?: TaskMetricsConfig;
  protected readonly taskPolicies?: PolicyStatement[];
  private readonly workflow: WorkflowFunction;

  /**
   * Declares the state.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, private readonly props: AgentCoreStopSessionProps) {
    super(scope, id, withTimeout(props));
    throwFaults(this, placeFaults(props));
    this.workflow = WorkflowFunction.of(this);
    this.workflow.allow(props.runtime, ['StopRuntimeSession'], { qualifier: qualifierOf(props) });
    this.taskMetrics = taskMetricsOf(this.workflow);
    this.taskPolicies = [this.workflow.invocation];
    for (const retry of [REFUSALS, SAFE_CALLS]) this.addRetry(retry);
  }

  /** @internal */
  protected _renderTask(topLevelQueryLanguage?: QueryLanguage): any {
    const queryLanguage = this.props.queryLanguage ?? topLevelQueryLanguage ?? QueryLanguage.JSON_PATH;
    return {
      Resource: this.workflow.handler.functionArn,
      ...this._renderParametersOrArguments({ action: 'stopSession', visit: renderVisit(queryLanguage), ...renderPlace(this.props) }, queryLanguage),
    };
  }
}
