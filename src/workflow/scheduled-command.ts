import { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { Schedule } from 'aws-cdk-lib/aws-scheduler';
import { Chain, Choice, Condition, Fail, IChainable, JsonPath, Pass, Result, StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { AgentCoreRunCommand } from './run-command-task';
import { SessionTaskOptions } from './session-task-props';
import { AgentCoreStopSession } from './stop-session-task';
import { durationFaults, placeFaults } from './task-place';
import { WorkflowCommandOptions } from './workflow-command-options';
import { alarmOnFailure, declareMachine, stopAbandoned } from './workflow-machine';
import { scheduleExecutions, WorkflowScheduleOptions } from './workflow-schedule';
import { throwFaults } from '../runtime/faults';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';

/** Properties of `ScheduledCommand`. */
export interface ScheduledCommandProps extends SessionTaskOptions, WorkflowCommandOptions, WorkflowScheduleOptions {
  /**
   * What happens when an execution does not succeed, such as a message to a topic.
   *
   * @default - there is no alarm
   */
  readonly alarmActions?: IAlarmAction[];
}

/**
 * Runs a command in a session by the clock, and stops the session, however it ends.
 *
 * Each run has a session of its own, unless `sessionId` names one, whose files it finds then. The output of the execution is
 * the result of `AgentCoreRunCommand`; anything but exit code 0 makes the execution fail, by `CommandFailed` and the other errors of
 * that task.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
 *
 * @example
 * new ScheduledCommand(stack, 'Backup', {
 *   runtime: agent,
 *   command: Command.shell('git push --mirror backup'),
 *   workingDirectory: '/mnt/workspace',
 *   sessionId: 'the-session-that-holds-the-repository',
 *   schedule: scheduler.ScheduleExpression.rate(Duration.hours(6)),
 *   alarmActions: [new SnsAction(topic)],
 * });
 */
export class ScheduledCommand extends Construct {
  /** The state machine: start its executions, watch its metrics. */
  public readonly stateMachine: StateMachine;

  /** The schedule. */
  public readonly schedule: Schedule;

  /** The alarm on executions that do not succeed; absent without `alarmActions`. */
  public readonly alarm?: Alarm;

  /**
   * Declares the command and its schedule.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: ScheduledCommandProps) {
    super(scope, id);
    const { runtime, endpoint, qualifier, sessionId, timeout, schedule, deadLetterQueue, enabled, alarmActions } = props;
    const place = { runtime, endpoint, qualifier, sessionId };
    throwFaults(this, [...placeFaults(place), ...durationFaults('timeout', timeout, COMMAND_TIMEOUT_SECONDS.max)]);
    this.stateMachine = declareMachine(this, this.definition(props));
    stopAbandoned(this, this.stateMachine, place);
    this.schedule = scheduleExecutions(this, 'Schedule', this.stateMachine, {}, { schedule, deadLetterQueue, enabled });
    if (alarmActions) this.alarm = alarmOnFailure(this, this.stateMachine, alarmActions);
  }

  private definition(props: ScheduledCommandProps): IChainable {
    const { runtime, endpoint, qualifier, sessionId, command, workingDirectory, environment, timeout, outputBucket, outputPrefix } = props;
    const place = { runtime, endpoint, qualifier, sessionId };
    const run = AgentCoreRunCommand.jsonPath(this, 'Run command', {
      ...place, command, workingDirectory, environment, commandTimeout: timeout, outputBucket, outputPrefix, resultPath: '$.result',
    });
    const stop = AgentCoreStopSession.jsonPath(this, 'Stop session', { ...place, resultPath: JsonPath.DISCARD });
    const ended = new Choice(this, 'Has it failed?')
      .when(Condition.isPresent('$.error'), new Fail(this, 'Failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' }))
      .otherwise(new Succeed(this, 'Succeeded', { outputPath: '$.result' }));
    run.addCatch(stop, { errors: ['States.ALL'], resultPath: '$.error' });
    // the session may go on then; the command counts
    stop.addCatch(ended, { errors: ['States.ALL'], resultPath: JsonPath.DISCARD });
    // whatever an execution is started with
    return Chain.start(new Pass(this, 'Begin', { result: Result.fromObject({}) })).next(run).next(stop).next(ended);
  }
}
