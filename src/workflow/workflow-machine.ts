import { Fn, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, RuleTargetInput, RuleTargetInputProperties } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Policy } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, IChainable, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { renderPlace, TaskPlace } from './task-place';
import { WorkflowFunction } from './workflow-function';
import { acknowledgeFindings } from '../runtime/nag-findings';
import { reportPolicies, rolesAreMadeElsewhere } from '../runtime/reported-policies';
import { stackUuid } from '../runtime/stack-uuid';
import { WorkflowTask } from '../workflow-handler/contract';

/** How an execution ends without another state of its own being run. */
const ABANDONED = ['ABORTED', 'TIMED_OUT'];

/** A state machine that logs each event, without data, and is traced. */
export function declareMachine(scope: Construct, start: IChainable): StateMachine {
  const logGroup = new LogGroup(scope, 'LogGroup', {
    logGroupName: logGroupName(scope), retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY,
  });
  const machine = new StateMachine(scope, 'StateMachine', {
    definitionBody: DefinitionBody.fromChainable(start),
    tracingEnabled: true,
    // the data of states is in the history of the execution, for those who may read that
    logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
  });
  reportPolicies(machine.role);
  reportMapPolicy(machine);
  acknowledgeFindings(machine.role, { 'AwsSolutions-IAM5[Resource::*]': 'the actions of log delivery and of X-Ray name no resource' });
  return machine;
}

/** What a Distributed Map needs comes in a policy that is attached while there is nothing in it, and so is missing from the report. */
function reportMapPolicy({ node, role }: StateMachine): void {
  const policy = node.tryFindChild('DistributedMapPolicy');
  if (policy instanceof Policy && rolesAreMadeElsewhere(role)) role.attachInlinePolicy(policy);
}

/** What the names of log groups begin with that need no entry of their own in the account's resource policy, which has room for few. */
const VENDED_LOGS = '/aws/vendedlogs/states/';

const MAX_LOG_GROUP_NAME = 512;

/**
 * A name that no other state machine has: of the stack, the construct, and the beginning of the UUID in the stack's id, which
 * differs where its end may be the same, so that a stack that is deployed anew does not meet a log group that was retained.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
function logGroupName(scope: Construct): string {
  const suffix = Fn.select(0, Fn.split('-', stackUuid()));
  const maxLength = MAX_LOG_GROUP_NAME - VENDED_LOGS.length - '-01234567'.length;
  return `${VENDED_LOGS}${Names.uniqueResourceName(scope, { separator: '-', maxLength })}-${suffix}`;
}

/** Stops the session of an execution that ends without its states: by somebody who aborts it, or by a time-out of the whole. */
export function stopAbandoned(scope: Construct, machine: StateMachine, place: TaskPlace): void {
  stopBy(scope, 'stopAbandoned', machine.stateMachineArn, place);
}

/** The same for the items of a Distributed Map, whose executions count as those of a state machine below the given one. */
export function stopAbandonedItems(scope: Construct, machine: StateMachine, place: TaskPlace): void {
  stopBy(scope, 'stopAbandonedItem', { prefix: `${machine.stateMachineArn}/` }, place);
}

function stopBy(scope: Construct, action: WorkflowTask['action'], stateMachineArn: string | { readonly prefix: string }, place: TaskPlace): void {
  const { handler } = WorkflowFunction.of(scope);
  new Rule(scope, 'Abandoned', {
    description: `Stops the session of an execution of ${scope.node.path} that was aborted or has timed out`,
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { status: ABANDONED, stateMachineArn: [stateMachineArn] },
    },
    targets: [new LambdaFunction(handler, { event: new AbandonedInput(scope, action, place) })],
  });
}

/** What the function is given of such an event: where the session is, and the event as it is, since its input is JSON in a text. */
class AbandonedInput extends RuleTargetInput {
  constructor(private readonly scope: Construct, private readonly action: WorkflowTask['action'], private readonly place: TaskPlace) {
    super();
  }

  public bind(): RuleTargetInputProperties {
    const place = Stack.of(this.scope).toJsonString(renderPlace(this.place));
    return { inputTemplate: `{"action":"${this.action}","place":${place},"event":<aws.events.event.json>}` };
  }
}

/** An alarm that goes off when an execution fails, times out or is aborted. */
export function alarmOnFailure(scope: Construct, machine: StateMachine, actions: readonly IAlarmAction[]): Alarm {
  const alarm = new MathExpression({
    expression: 'failed + timedOut + aborted',
    usingMetrics: { failed: machine.metricFailed(), timedOut: machine.metricTimedOut(), aborted: machine.metricAborted() },
    label: 'Executions that did not succeed',
  }).createAlarm(scope, 'Failures', {
    alarmDescription: `An execution of ${scope.node.path} did not succeed`,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    threshold: 0,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  return alarm;
}
