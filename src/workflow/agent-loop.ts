import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Schedule } from 'aws-cdk-lib/aws-scheduler';
import {
  CatchProps, Chain, Choice, Condition, Fail, IChainable, JsonPath, QueryLanguage, StateMachine, Succeed, TaskInput, TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { loopFaults, MAX_ITERATIONS } from './agent-loop-faults';
import { AgentLoopProps, LoopCommand, LoopScheduleOptions } from './agent-loop-props';
import { FunctionTask } from './function-task';
import { AgentCoreInvokeAgent } from './invoke-agent-task';
import { AgentCoreRunCommand } from './run-command-task';
import { AgentCoreStopSession } from './stop-session-task';
import { renderPlace, renderVisit } from './task-place';
import { SAFE_CALLS } from './task-retries';
import { alarmOnFailure, declareMachine, stopAbandoned } from './workflow-machine';
import { scheduleExecutions } from './workflow-schedule';
import { throwFaults } from '../runtime/faults';
import { byRule } from '../runtime/rule-id';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { validateSessionId } from '../service/session-id';

/** What is told of the end of an execution. */
const EVENT = { source: 'cdk-agentcore-runtime', detailType: 'Agent Loop Ended' } as const;

const OBSERVATION_CHARACTERS = 8_000;

const SESSION = JsonPath.stringAt('$.sessionId');
const VISIT = renderVisit(QueryLanguage.JSON_PATH);

/** Whatever goes wrong while the agent works ends in the state that stops its session. */
const ANYTHING: CatchProps = { errors: ['States.ALL'], resultPath: '$.error' };

/**
 * Lets an agent work until its gates have passed, as a state machine: it is given a task, the gates are run by command, what they say
 * is what the agent is told next, and so on, until they pass or the budget is spent. Then the finishing commands are run. The session
 * is stopped, however it ends: also where the execution is aborted or times out.
 *
 * An execution takes `{"task": ..., "sessionId": "..."}`; each has a session of its own where it is given none to go on with. In each
 * round the agent is invoked with `{"task": ..., "iteration": 1, "observation": null}`; from the second one on, `observation` is text that tells which gate
 * has not passed, its exit code and the beginning and end of its output. The answer may tell tokens as `{"usage": {"totalTokens": 1}}`.
 *
 * Where the gates have passed, the output of the execution is a summary: `outcome` (`Passed`), `reason`, `execution`, `sessionId`, `sessionStopped`,
 * `iterations`, `tokens`, `durationMillis` and the last 20 `rounds`. Else the execution fails: its error is the outcome, such as `BudgetSpent`,
 * `AgentTimedOut`, `AgentFailed`, `AgentAnswerInvalid`, `CommandFailed` for a finishing command or `OutcomeUnknown`, and its cause the summary
 * as JSON. The summary goes to EventBridge in either case.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-standard-vs-express.html
 *
 * @example
 * const loop = new AgentLoop(stack, 'Overnight', {
 *   runtime: agent,
 *   gates: [{ command: Command.shell('npm ci && npm test'), workingDirectory: '/mnt/workspace', timeout: Duration.minutes(30) }],
 *   finish: [{ command: Command.shell('git push'), workingDirectory: '/mnt/workspace' }],
 *   budget: { iterations: 20, duration: Duration.hours(8) },
 *   alarmActions: [new SnsAction(topic)],
 * });
 * loop.addSchedule('EachNight', {
 *   schedule: scheduler.ScheduleExpression.cron({ hour: '22', minute: '0', weekDay: 'MON-FRI', timeZone: TimeZone.EUROPE_BERLIN }),
 *   task: 'mend the oldest open bug',
 * });
 */
export class AgentLoop extends Construct {
  /** The state machine: start its executions, watch its metrics. */
  public readonly stateMachine: StateMachine;

  /** The alarm on executions that do not succeed; absent without `alarmActions`. */
  public readonly alarm?: Alarm;

  /**
   * Declares the loop.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, private readonly props: AgentLoopProps) {
    super(scope, id);
    throwFaults(this, loopFaults(Stack.of(this), props));
    this.stateMachine = declareMachine(this, this.definition());
    stopAbandoned(this, this.stateMachine, this.place);
    if (props.alarmActions) this.alarm = alarmOnFailure(this, this.stateMachine, props.alarmActions);
  }

  /**
   * Starts an execution by itself.
   *
   * @param id the name of the schedule in this construct
   * @param options when, and with what
   */
  public addSchedule(id: string, options: LoopScheduleOptions): Schedule {
    const { task, sessionId, ...when } = options;
    throwFaults(this, [
      ...byRule('loopTask', task === undefined || task === null ? ['the task of a schedule is empty; say what the agent is to do'] : []),
      ...byRule('commandSession', sessionId === undefined ? [] : validateSessionId(sessionId)),
    ]);
    return scheduleExecutions(this, id, this.stateMachine, { task, ...(sessionId === undefined ? {} : { sessionId }) }, when);
  }

  private get place() {
    const { runtime, endpoint, qualifier } = this.props;
    return { runtime, endpoint, qualifier };
  }

  private definition(): IChainable {
    const begin = new FunctionTask(this, 'Begin', {
      payload: { action: 'beginLoop', visit: VISIT, ...renderPlace(this.place), input: JsonPath.entirePayload },
    });
    const invoke = AgentCoreInvokeAgent.jsonPath(this, 'Invoke agent', {
      ...this.place,
      sessionId: SESSION,
      agentTimeout: this.props.agentTimeout,
      payload: TaskInput.fromObject({
        task: JsonPath.objectAt('$.task'),
        iteration: JsonPath.numberAt('$.iteration'),
        observation: JsonPath.objectAt('$.observation'),
      }),
      resultPath: '$.agent',
    });
    const judge = this.judge();
    const stop = this.ending();
    const finish = this.finish(stop);
    const decide = new Choice(this, 'Passed, again, or over?')
      .when(Condition.stringEquals('$.decision', 'FINISH'), finish)
      .when(Condition.stringEquals('$.decision', 'WORK'), invoke)
      .otherwise(stop);
    const gates = this.gates(judge, stop);
    for (const state of [invoke, judge]) state.addCatch(stop, ANYTHING);
    invoke.next(gates);
    judge.next(decide);
    return Chain.start(begin).next(invoke);
  }

  /** One gate after the other; the round is judged after the first that has not passed, or after the last. */
  private gates(judge: IChainable, stop: IChainable): IChainable {
    const { gates, observationCharacters = OBSERVATION_CHARACTERS } = this.props;
    return gates.reduceRight<IChainable>((next, gate, i) => {
      const name = gate.name ?? `gate ${i + 1}`;
      const run = this.command(name, gate, {
        checkExitCode: false,
        observationCharacters,
        resultSelector: {
          'name': name,
          'ok.$': '$.ok',
          'exitCode.$': '$.exitCode',
          'durationMillis.$': '$.durationMillis',
          'observation.$': '$.observation',
        },
        resultPath: '$.gate',
      });
      run.addCatch(stop, ANYTHING);
      if (i === gates.length - 1) return run.next(judge);
      return run.next(new Choice(this, `Has ${name} passed?`).when(Condition.booleanEquals('$.gate.ok', true), next).otherwise(judge));
    }, judge);
  }

  private finish(stop: IChainable): IChainable {
    return (this.props.finish ?? []).reduceRight<IChainable>((next, command, i) => {
      const run = this.command(command.name ?? `finish ${i + 1}`, command, { resultPath: JsonPath.DISCARD });
      run.addCatch(stop, ANYTHING);
      return run.next(next);
    }, stop);
  }

  private command(name: string, { command, workingDirectory, environment, timeout }: LoopCommand, more: object): AgentCoreRunCommand {
    return AgentCoreRunCommand.jsonPath(this, name, {
      ...this.place,
      sessionId: SESSION,
      command,
      workingDirectory,
      environment,
      commandTimeout: timeout ?? Duration.seconds(COMMAND_TIMEOUT_SECONDS.default),
      ...more,
    });
  }

  private judge(): TaskStateBase {
    const { iterations = MAX_ITERATIONS, duration, tokens } = this.props.budget;
    return new FunctionTask(this, 'Judge round', {
      payload: { action: 'judgeRound', loop: JsonPath.entirePayload, budget: { iterations, seconds: duration?.toSeconds(), tokens } },
    });
  }

  /** What is done whatever has happened. */
  private ending(): IChainable {
    const stop = AgentCoreStopSession.jsonPath(this, 'Stop session', { ...this.place, sessionId: SESSION, resultPath: '$.stop' });
    const summarize = new FunctionTask(this, 'Summarize', { payload: { action: 'summarizeLoop', visit: VISIT, loop: JsonPath.entirePayload } });
    const tell = EventBridgePutEvents.jsonPath(this, 'Tell of the end', {
      entries: [{ ...EVENT, detail: TaskInput.fromJsonPathAt('$.summary'), eventBus: this.props.eventBus }],
      resultPath: JsonPath.DISCARD,
    });
    const passed = new Choice(this, 'Has it passed?')
      .when(Condition.booleanEquals('$.passed', true), new Succeed(this, 'Passed', { outputPath: '$.summary' }))
      .otherwise(new Fail(this, 'Not passed', { errorPath: '$.error', causePath: '$.cause' }));
    // what has been done counts, whether somebody hears of it or not
    stop.addCatch(summarize, { errors: ['States.ALL'], resultPath: '$.stopError' });
    tell.addRetry({ ...SAFE_CALLS, errors: ['States.TaskFailed'] });
    tell.addCatch(passed, { errors: ['States.ALL'], resultPath: '$.untold' });
    return Chain.start(stop).next(summarize).next(tell).next(passed);
  }
}
