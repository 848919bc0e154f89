import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  QueryLanguage, TaskMetricsConfig, TaskStateBase, TaskStateBaseProps, TaskStateJsonataBaseProps, TaskStateJsonPathBaseProps,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SessionTaskOptions } from './session-task-props';
import { taskMetricsOf, withTimeout } from './task-function';
import { durationFaults, isExpression, placeFaults, qualifierOf, renderCommand, renderPlace, renderVisit } from './task-place';
import { POLLING, REFUSALS, SAFE_CALLS } from './task-retries';
import { WorkflowFunction } from './workflow-function';
import { Command } from '../command/command';
import { lineFaultsOf, secretFaultsOf } from '../command/command-faults';
import { throwFaults } from '../runtime/faults';
import { byRule } from '../runtime/rule-id';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';

interface AgentCoreRunCommandBaseProps extends SessionTaskOptions {
  /**
   * What to run. Its text, or words of it, may be paths or expressions: such values are put into the command as they are, so
   * that only words of `Command.argv` are safe from a shell.
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
   * How long the command may take: 1 second to 1 hour, in whole seconds. It is ended in its session then.
   *
   * @default Duration.minutes(5)
   */
  readonly commandTimeout?: Duration;

  /**
   * Whether anything but exit code 0 is an error of the state: `CommandFailed` or `CommandTimedOut`. Else it is data.
   *
   * @default true
   */
  readonly checkExitCode?: boolean;

  /**
   * Where the whole output goes, as two objects, up to 480 MB together: their addresses are `output.stdout` and `output.stderr`.
   *
   * @default - nowhere; the result holds the last 8192 bytes of each stream
   */
  readonly outputBucket?: IBucket;

  /**
   * What the keys of those objects begin with.
   *
   * @default commands/
   */
  readonly outputPrefix?: string;

  /**
   * How long a text for an agent may be that tells how the command ended, in characters, 500 or more: `observation`.
   *
   * @default - there is no such text
   */
  readonly observationCharacters?: number;
}

/** Properties of `AgentCoreRunCommand` with JSONPath. */
export interface AgentCoreRunCommandJsonPathProps extends AgentCoreRunCommandBaseProps, TaskStateJsonPathBaseProps {}

/** Properties of `AgentCoreRunCommand` with JSONata. */
export interface AgentCoreRunCommandJsonataProps extends AgentCoreRunCommandBaseProps, TaskStateJsonataBaseProps {}

/** Properties of `AgentCoreRunCommand`. */
export interface AgentCoreRunCommandProps extends AgentCoreRunCommandBaseProps, TaskStateBaseProps {}

/**
 * Runs a command in a session, as a task of a state machine.
 *
 * The result is `exitCode`, `status` (`COMPLETED` or `TIMED_OUT`), `ok`, `stdoutTail`, `stderrTail`, `truncated`, `sessionId` and
 * `durationMillis`, with `output` and `observation` where they are asked for. `exitCode` is null where the command has none.
 *
 * Errors to catch: `CommandFailed`, `CommandTimedOut`, `CommandNotStarted`, `SessionBusy` and `Throttled` where the service takes
 * nothing now, `OutcomeUnknown` where the command may have run and cannot be told of, `OutputNotStored`, `InvalidInput`.
 * `taskTimeout` is that of one try, and not of the command.
 *
 * The command is started once, whatever is retried, and goes on detached: the state retries the internal error `CommandRunning` until it has
 * ended, so that no function is held for it. That takes `sh`, `base64`, `cat`, `head`, `mkdir`, `mv`, `sleep`, `tail`, `tr` and
 * `wc` in the image. What it has written stays in the session's directory for temporary files until the session is stopped.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 *
 * @example
 * const test = AgentCoreRunCommand.jsonPath(stack, 'Test', {
 *   runtime: agent,
 *   command: Command.shell('npm ci && npm test'),
 *   workingDirectory: '/mnt/workspace',
 *   commandTimeout: Duration.minutes(40),
 *   resultPath: '$.test',
 * });
 */
export class AgentCoreRunCommand extends TaskStateBase {
  /**
   * Runs a command, in a state that uses JSONPath.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props what to run, and where
   */
  public static jsonPath(scope: Construct, id: string, props: AgentCoreRunCommandJsonPathProps): AgentCoreRunCommand {
    return new AgentCoreRunCommand(scope, id, props);
  }

  /**
   * Runs a command, in a state that uses JSONata.
   *
   * @param scope the construct that the state is in
   * @param id the name of the state, unless `stateName` is given
   * @param props what to run, and where
   */
  public static jsonata(scope: Construct, id: string, props: AgentCoreRunCommandJsonataProps): AgentCoreRunCommand {
    return new AgentCoreRunCommand(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  protected readonly taskMetrics?: TaskMetricsConfig;
  protected readonly taskPolicies?: PolicyStatement[];
  private readonly workflow: WorkflowFunction;

  /**
   * Declares the state.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, private readonly props: AgentCoreRunCommandProps) {
    super(scope, id, withTimeout(props));
    throwFaults(this, faultsOf(this, props));
    this.workflow = WorkflowFunction.of(this);
    this.workflow.allow(props.runtime, ['InvokeAgentRuntimeCommand'], { qualifier: qualifierOf(props) });
    if (props.outputBucket) this.workflow.allowOutput(props.outputBucket, prefixOf(props));
    this.taskMetrics = taskMetricsOf(this.workflow);
    this.taskPolicies = [this.workflow.invocation];
    for (const retry of [POLLING, REFUSALS, SAFE_CALLS]) this.addRetry(retry);
  }

  /** @internal */
  protected _renderTask(topLevelQueryLanguage?: QueryLanguage): any {
    const { props } = this;
    const queryLanguage = props.queryLanguage ?? topLevelQueryLanguage ?? QueryLanguage.JSON_PATH;
    const { command, workingDirectory, environment, commandTimeout, checkExitCode = true, outputBucket, observationCharacters } = props;
    return {
      Resource: this.workflow.handler.functionArn,
      ...this._renderParametersOrArguments({
        action: 'runCommand',
        visit: renderVisit(queryLanguage),
        ...renderPlace(props),
        command: renderCommand(this, command._command, queryLanguage),
        workingDirectory,
        environment,
        timeoutSeconds: commandTimeout?.toSeconds() ?? COMMAND_TIMEOUT_SECONDS.default,
        checkExitCode,
        output: outputBucket && { bucket: outputBucket.bucketName, prefix: prefixOf(props) },
        observationCharacters,
      }, queryLanguage),
    };
  }
}

function prefixOf({ outputPrefix = 'commands/' }: AgentCoreRunCommandBaseProps): string {
  return outputPrefix;
}

function faultsOf(scope: Construct, props: AgentCoreRunCommandProps): string[] {
  const { command, workingDirectory, environment = {}, commandTimeout, outputBucket, outputPrefix, observationCharacters: characters } = props;
  const words = command._command;
  const texts = [...typeof words === 'string' ? [words] : words, ...workingDirectory === undefined ? [] : [workingDirectory], ...Object.values(environment)];
  return [
    // what an expression gives is checked by the function
    ...(texts.some(isExpression) ? [] : lineFaultsOf(words, { workingDirectory, environment })),
    ...secretFaultsOf(Stack.of(scope), { command: words }, props),
    ...placeFaults(props),
    ...durationFaults('commandTimeout', commandTimeout, COMMAND_TIMEOUT_SECONDS.max),
    ...byRule('workflowOutput', outputPrefix !== undefined && !outputBucket ? ['outputPrefix is about outputBucket, which is not there; leave it out, or give a bucket'] : []),
    ...byRule('workflowObservation', characters === undefined || (Number.isInteger(characters) && characters >= 500 && characters <= 100_000) ? []
      : [`observationCharacters of ${characters} is not a whole number from 500 to 100000`]),
  ];
}
