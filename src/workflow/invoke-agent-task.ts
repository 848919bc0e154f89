import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  QueryLanguage, TaskInput, TaskMetricsConfig, TaskStateBase, TaskStateBaseProps, TaskStateJsonataBaseProps, TaskStateJsonPathBaseProps,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SessionTaskOptions } from './session-task-props';
import { taskMetricsOf, withTimeout } from './task-function';
import { durationFaults, placeFaults, qualifierOf, renderPlace, renderVisit } from './task-place';
import { REFUSALS } from './task-retries';
import { WorkflowFunction } from './workflow-function';
import { throwFaults } from '../runtime/faults';
import { MAX_AGENT_SECONDS } from '../workflow-handler/contract';

interface AgentCoreInvokeAgentBaseProps extends SessionTaskOptions {
  /**
   * What the agent is given, as JSON.
   *
   * @default - the input of the state
   */
  readonly payload?: TaskInput;

  /**
   * How long the agent may take to answer: 1 second to 14 minutes, in whole seconds.
   *
   * @default Duration.minutes(14)
   */
  readonly agentTimeout?: Duration;
}

/** Properties of `AgentCoreInvokeAgent` with JSONPath. */
export interface AgentCoreInvokeAgentJsonPathProps extends AgentCoreInvokeAgentBaseProps, TaskStateJsonPathBaseProps {}

/** Properties of `AgentCoreInvokeAgent` with JSONata. */
export interface AgentCoreInvokeAgentJsonataProps extends AgentCoreInvokeAgentBaseProps, TaskStateJsonataBaseProps {}

/** Properties of `AgentCoreInvokeAgent`. */
export interface AgentCoreInvokeAgentProps extends AgentCoreInvokeAgentBaseProps, TaskStateBaseProps {}

/**
 * Invokes the agent of a session and waits for its answer, as a task of a state machine.
 *
 * The result is `answer` (a value where the agent says that it is JSON, else text), `tokens` (as its `usage` tells them, else null),
 * `sessionId` and `durationMillis`.
 *
 * Errors to catch: `AgentFailed`, `AgentTimedOut`, `AgentAnswerInvalid` for JSON that is none and answers of more than 128 KiB,
 * `SessionBusy`, `Throttled`, `InvalidInput`. Only what was refused before the agent saw the call is retried. After a time-out the
 * agent may work on until its session is stopped.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-invoke-agent.html
 *
 * @example
 * const write = AgentCoreInvokeAgent.jsonPath(stack, 'Write', {
 *   runtime: agent,
 *   payload: sfn.TaskInput.fromObject({ task: sfn.JsonPath.stringAt('$.task') }),
 *   resultPath: '$.agent',
 * });
 */
export class AgentCoreInvokeAgent extends TaskStateBase {
  /**
   * Invokes an agent, in a state that uses JSONPath.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props whom to invoke, and with what
   */
  public static jsonPath(scope: Construct, id: string, props: AgentCoreInvokeAgentJsonPathProps): AgentCoreInvokeAgent {
    return new AgentCoreInvokeAgent(scope, id, props);
  }

  /**
   * Invokes an agent, in a state that uses JSONata.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props whom to invoke, and with what
   */
  public static jsonata(scope: Construct, id: string, props: AgentCoreInvokeAgentJsonataProps): AgentCoreInvokeAgent {
    return new AgentCoreInvokeAgent(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  protected readonly taskMetrics?: TaskMetricsConfig;
  protected readonly taskPolicies?: PolicyStatement[];
  private readonly workflow: WorkflowFunction;

  /**
   * Declares the state.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, private readonly props: AgentCoreInvokeAgentProps) {
    super(scope, id, withTimeout(props));
    throwFaults(this, [...placeFaults(props), ...durationFaults('agentTimeout', props.agentTimeout, MAX_AGENT_SECONDS)]);
    this.workflow = WorkflowFunction.of(this);
    this.workflow.allow(props.runtime, ['InvokeAgentRuntime'], { qualifier: qualifierOf(props) });
    this.taskMetrics = taskMetricsOf(this.workflow);
    this.taskPolicies = [this.workflow.invocation];
    this.addRetry(REFUSALS);
  }

  /** @internal */
  protected _renderTask(topLevelQueryLanguage?: QueryLanguage): any {
    const { props } = this;
    const queryLanguage = props.queryLanguage ?? topLevelQueryLanguage ?? QueryLanguage.JSON_PATH;
    const isJsonata = queryLanguage === QueryLanguage.JSONATA;
    return {
      Resource: this.workflow.handler.functionArn,
      ...this._renderParametersOrArguments({
        action: 'invokeAgent',
        visit: renderVisit(queryLanguage),
        ...renderPlace(props),
        payload: props.payload?.value ?? (isJsonata ? '{% $states.input %}' : TaskInput.fromJsonPathAt('$').value),
        timeoutSeconds: props.agentTimeout?.toSeconds() ?? MAX_AGENT_SECONDS,
      }, queryLanguage),
    };
  }
}
