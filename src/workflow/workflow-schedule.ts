import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeFindings } from '../runtime/nag-findings';

/** When executions start by themselves. */
export interface WorkflowScheduleOptions {
  /**
   * When: `ScheduleExpression.cron` with a `timeZone`, `rate`, or `at`. It is not exactly once: EventBridge Scheduler may start
   * an execution twice.
   *
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
   */
  readonly schedule: ScheduleExpression;

  /**
   * Where goes what could not be started within an hour.
   *
   * @default - a queue that all schedules of the construct share, encrypted, which keeps messages for two weeks
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Whether it is on.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/** Declares a schedule, and the queue for what could not be started where there is none yet. */
export function scheduleExecutions(
  scope: Construct, id: string, machine: StateMachine, input: object, { schedule, deadLetterQueue, enabled = true }: WorkflowScheduleOptions,
): Schedule {
  return new Schedule(scope, id, {
    schedule,
    enabled,
    target: new StepFunctionsStartExecution(machine, {
      input: ScheduleTargetInput.fromObject(input),
      deadLetterQueue: deadLetterQueue ?? queueOf(scope),
      // an agent that was to work at night is of no use at noon
      maxEventAge: Duration.hours(1),
      retryAttempts: 10,
    }),
  });
}

/** The queue that the schedules of a construct share. */
export function queueOf(scope: Construct): Queue {
  const id = 'DeadLetterQueue';
  const existing = scope.node.tryFindChild(id) as Queue | undefined;
  if (existing) return existing;
  const queue = new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) });
  acknowledgeFindings(queue, { 'AwsSolutions-SQS3': 'it is the dead-letter queue of a schedule' });
  return queue;
}
