import { ArnFormat, Stack } from 'aws-cdk-lib';
import {
  Chain, Choice, Condition, Fail, IChainable, INextable, IntegrationPattern, IStateMachine, JsonPath, Pass, Succeed, TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { AgentLoop } from './agent-loop';
import { FleetCommandOptions } from './fleet-command-options';
import { AgentCoreRunCommand } from './run-command-task';
import { AgentCoreStopSession } from './stop-session-task';
import { durationFaults, placeFaults, TaskPlace } from './task-place';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { WORKFLOW_ERRORS } from '../workflow-handler/contract';

/** What is kept of a command: what it has written in short, since the cause of an error holds 32,768 characters. */
const RESULT = ['exitCode', 'status', 'ok', 'observation', 'sessionId', 'durationMillis'];
const OBSERVATION_CHARACTERS = 2_000;

/** What is done in each session of a fleet. */
export interface SessionWork {
  /** Where sessions are that nothing else stops when an execution is abandoned. */
  readonly place?: TaskPlace;

  faults(): string[];

  /** The executions that the states start, as policies name them. */
  executions(stack: Stack): string[];

  /**
   * The states for one session.
   *
   * @param name makes a name of a state that nothing else in the state machine has
   */
  states(scope: Construct, name: (text: string) => string): IChainable;
}

/** A command, and the stop of its session. */
export class CommandWork implements SessionWork {
  public readonly place: TaskPlace;

  constructor(private readonly options: FleetCommandOptions) {
    const { runtime, endpoint, qualifier } = options;
    this.place = { runtime, endpoint, qualifier };
  }

  public faults(): string[] {
    return [...placeFaults(this.place), ...durationFaults('timeout', this.options.timeout, COMMAND_TIMEOUT_SECONDS.max)];
  }

  public executions(): string[] {
    return [];
  }

  public states(scope: Construct, name: (text: string) => string): IChainable {
    const { command, workingDirectory, environment, timeout, outputBucket, outputPrefix } = this.options;
    const place = { ...this.place, sessionId: JsonPath.stringAt('$.sessionId') };
    const run = AgentCoreRunCommand.jsonPath(scope, name('Run command'), {
      ...place,
      command,
      workingDirectory,
      environment,
      commandTimeout: timeout,
      outputBucket,
      outputPrefix,
      checkExitCode: false,
      observationCharacters: OBSERVATION_CHARACTERS,
      resultSelector: Object.fromEntries([...RESULT, ...outputBucket ? ['output'] : []].map((member) => [`${member}.$`, `$.${member}`])),
      resultPath: '$.result',
    });
    const stop = AgentCoreStopSession.jsonPath(scope, name('Stop session'), { ...place, resultPath: JsonPath.DISCARD });
    const judged = this.judge(scope, name);
    run.addCatch(stop, { errors: ['States.ALL'], resultPath: '$.error' });
    // the session may go on then; the command counts
    stop.addCatch(judged, { errors: ['States.ALL'], resultPath: JsonPath.DISCARD });
    return Chain.start(run).next(stop).next(judged);
  }

  /** A command that has not exited with 0 is a failure of which the report still tells how it ended. */
  private judge(scope: Construct, name: (text: string) => string): Choice {
    const fail = new Fail(scope, name('Not succeeded'), { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const failed = (text: string, error: string): INextable & IChainable => new Pass(scope, name(text), {
      parameters: { error: { Error: error, Cause: JsonPath.jsonToString(JsonPath.objectAt('$.result')) } },
    });
    const [exited, timedOut] = [failed('Command failed', WORKFLOW_ERRORS.failed), failed('Command timed out', WORKFLOW_ERRORS.timedOut)];
    for (const state of [exited, timedOut]) state.next(fail);
    return new Choice(scope, name('How has it ended?'))
      .when(Condition.isPresent('$.error'), fail)
      .when(Condition.booleanEquals('$.result.ok', true), new Succeed(scope, name('Command succeeded'), { outputPath: '$.result' }))
      .when(Condition.stringEquals('$.result.status', 'TIMED_OUT'), timedOut)
      .otherwise(exited);
  }
}

/** A loop, whose own state machine stops the session. */
export class LoopWork implements SessionWork {
  constructor(private readonly loop: AgentLoop) {}

  public faults(): string[] {
    return [];
  }

  public executions(stack: Stack): string[] {
    return [`${executionsOf(stack, this.loop.stateMachine)}*`];
  }

  public states(scope: Construct, name: (text: string) => string): IChainable {
    return StepFunctionsStartExecution.jsonPath(scope, name('Run loop'), {
      stateMachine: this.loop.stateMachine,
      integrationPattern: IntegrationPattern.RUN_JOB,
      input: TaskInput.fromObject({ task: JsonPath.objectAt('$.item'), sessionId: JsonPath.stringAt('$.sessionId') }),
      associateWithParent: false,
      outputPath: '$.Output',
    });
  }
}

/** What the ARNs of the executions of a state machine begin with, as the official constructs write it into policies. */
export function executionsOf(stack: Stack, { stateMachineArn }: IStateMachine): string {
  const { resourceName } = stack.splitArn(stateMachineArn, ArnFormat.COLON_RESOURCE_NAME);
  return stack.formatArn({ service: 'states', resource: 'execution', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
