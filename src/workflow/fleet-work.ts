import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Chain, Choice, Condition, Fail, IChainable, INextable, IntegrationPattern, IStateMachine, JsonPath, Pass, Succeed, TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { AgentLoop } from './agent-loop';
import { AgentCoreRunCommand } from './run-command-task';
import { EndpointOptions } from './session-task-props';
import { AgentCoreStopSession } from './stop-session-task';
import { durationFaults, placeFaults, TaskPlace } from './task-place';
import { Command } from '../command/command';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { WORKFLOW_ERRORS } from '../workflow-handler/contract';

/** What is kept of a command: what it has written in short, since the cause of an error holds 32,768 characters. */
const RESULT = ['exitCode', 'status', 'ok', 'observation', 'sessionId', 'durationMillis'];
const OBSERVATION_CHARACTERS = 2_000;

/** A command that a fleet runs in each of its sessions. */
export interface FleetCommandOptions extends EndpointOptions {
  /**
   * What to run. Words of `Command.argv` may come from the item, such as `sfn.JsonPath.stringAt('$.item.branch')`; the id of the
   * session is at `$.sessionId`.
   */
  readonly command: Command;

  /**
   * The directory to run in: an absolute path that exists in the session.
   *
   * @default - the one that the service chooses
   */
  readonly workingDirectory?: string;

  /**
   * Variables for this command only; no secrets, since the service logs them.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long the command may take: 1 second to 1 hour, in whole seconds.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Where the whole output goes, as `outputBucket` of `AgentCoreRunCommand` says.
   *
   * @default - nowhere; the results hold 2000 characters of it
   */
  readonly outputBucket?: IBucket;

  /**
   * What the keys of that output begin with.
   *
   * @default commands/
   */
  readonly outputPrefix?: string;
}

/** What a fleet does in each of its sessions. */
export abstract class FleetWork {
  /**
   * Runs a command, and stops the session, however that ends.
   *
   * @param options what to run, and where
   */
  public static command(options: FleetCommandOptions): FleetWork {
    return new CommandWork(options);
  }

  /**
   * Runs a loop, with the item as its task, as an execution of its own state machine. The schedules and alarms of the loop stay as
   * they are.
   *
   * @param loop the loop, in the same stack or in another one
   */
  public static loop(loop: AgentLoop): FleetWork {
    return new LoopWork(loop);
  }

  /**
   * Where sessions are that nothing else stops when an execution is abandoned.
   *
   * @internal
   */
  public readonly _place?: TaskPlace;

  /** @internal */
  public abstract _faults(): string[];

  /**
   * The executions that the states start, as policies name them.
   *
   * @internal
   */
  public abstract _executions(stack: Stack): string[];

  /**
   * The states for one session.
   *
   * @param name makes a name of a state that nothing else in the state machine has
   * @internal
   */
  public abstract _states(scope: Construct, name: (text: string) => string): IChainable;
}

class CommandWork extends FleetWork {
  public readonly _place: TaskPlace;

  constructor(private readonly options: FleetCommandOptions) {
    super();
    const { runtime, endpoint, qualifier } = options;
    this._place = { runtime, endpoint, qualifier };
  }

  /** @internal */
  public _faults(): string[] {
    return [...placeFaults(this._place), ...durationFaults('timeout', this.options.timeout, COMMAND_TIMEOUT_SECONDS.max)];
  }

  /** @internal */
  public _executions(): string[] {
    return [];
  }

  /** @internal */
  public _states(scope: Construct, name: (text: string) => string): IChainable {
    const { command, workingDirectory, environment, timeout, outputBucket, outputPrefix } = this.options;
    const place = { ...this._place, sessionId: JsonPath.stringAt('$.sessionId') };
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

class LoopWork extends FleetWork {
  constructor(private readonly loop: AgentLoop) {
    super();
  }

  /** @internal */
  public _faults(): string[] {
    return [];
  }

  /** @internal */
  public _executions(stack: Stack): string[] {
    return [`${executionsOf(stack, this.loop.stateMachine)}*`];
  }

  /** @internal */
  public _states(scope: Construct, name: (text: string) => string): IChainable {
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
