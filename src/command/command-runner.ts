import { CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, IConstruct } from 'constructs';
import { CommandFailure } from './command-failure';
import { faultsOf, lateFaultsOf } from './command-faults';
import { allowCommands } from './command-policy';
import { propertiesOf } from './command-properties';
import { CommandRunnerProps } from './command-runner-props';
import { endpointNameOf } from './endpoint-name';
import { routesOf } from './routes';
import { RunPolicy } from './run-policy';
import { CommandMetrics } from '../observability/command-metrics';
import { COMMAND_RESOURCE_TYPE, CommandAttribute, LONG_SERVICE_TIMEOUT_SECONDS, MAX_WATCHED_COMMAND_SECONDS } from '../provider/contract';
import { throwFaults } from '../runtime/faults';
import { ProviderFunction } from '../runtime/provider-function';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { DEFAULT_ENDPOINT } from '../service/names';
import { checkAtSynth } from '../validation/check-at-synth';

/**
 * Runs a command in a session of a runtime while the stack is deployed, and fails the deployment if the command fails.
 *
 * It runs when it is added, and again as `runPolicy` says: by default when the command, its environment, directory,
 * time-out or endpoint changes or the runtime gets a new version. An exit code that is not expected, a time-out, and a lost
 * result fail the deployment, so that CloudFormation rolls it back, unless `onFailure` says otherwise. Deleting runs nothing
 * but `onDelete`.
 *
 * On the roll-back of an update whose command has failed, was refused or was cancelled, nothing is run: it is back at the
 * result of its last success. A changed command that had succeeded before something else failed runs once more, as it was
 * before the update, where its policy lets it. What commands have changed outside of their own session stays changed.
 *
 * Each run opens a session of its own and stops it afterwards, unless `sessionId` names one: it has its own empty session
 * storage, and the storage of other sessions is not touched.
 *
 * Where a deployment changes the resource and its policy runs nothing, the attributes are those of the last run. They are
 * kept for a month; after that `status` is `NOT_RUN` and the others are empty.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 *
 * @example
 * const check = new CommandRunner(stack, 'CheckToolChain', {
 *   runtime: agent,
 *   command: Command.shell('git --version && node --version'),
 *   workingDirectory: '/mnt/workspace',
 *   timeout: Duration.minutes(2),
 * });
 * new CfnOutput(stack, 'ToolChain', { value: check.stdout });
 */
export class CommandRunner extends Construct {
  /**
   * Whether no deployment of a new version of its runtime succeeds without it.
   *
   * @internal
   */
  public readonly _guardsVersions: boolean;

  /**
   * Where the command runs.
   *
   * @internal
   */
  public readonly _runsOn: { readonly runtime: IRuntimeRef; readonly endpointName: string };
  private readonly resource: CfnResource;

  /**
   * Declares the command.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: CommandRunnerProps) {
    super(scope, id);
    throwFaults(this, [...faultsOf(Stack.of(this), props), ...lateFaultsOf(Stack.of(this), props)]);
    // once more at synth, when all parameters are declared and all properties of the runtime are set
    this.node.addValidation({ validate: () => lateFaultsOf(Stack.of(this), props) });

    this._guardsVersions = props.runPolicy !== RunPolicy.ONCE && props.onFailure !== CommandFailure.WARN;
    const { runtime, endpoint } = props;
    const qualifier = props.qualifier ?? (endpoint && endpointNameOf(endpoint)) ?? DEFAULT_ENDPOINT;
    this._runsOn = { runtime, endpointName: qualifier };
    const provider = ProviderFunction.of(this);
    const timeout = props.timeout ?? Duration.seconds(COMMAND_TIMEOUT_SECONDS.default);
    const long = isLong(timeout) || (props.onDelete !== undefined && isLong(props.onDeleteTimeout ?? timeout));
    this.resource = new CfnResource(this, 'Resource', {
      type: COMMAND_RESOURCE_TYPE,
      properties: {
        ...provider.serviceProperties,
        ...(long ? { ServiceTimeout: String(LONG_SERVICE_TIMEOUT_SECONDS) } : {}),
        ...propertiesOf(Stack.of(this), props, qualifier, timeout),
      },
    });
    checkAtSynth(this, this.resource);
    if (long) provider.allowToCallItself(this.resource);
    allowCommands(provider, this.resource, runtime, qualifier);
    this.resource.node.addDependency(...routesOf(runtime));

    this.executeAfter(...endpoint ? [endpoint] : [], ...props.executeAfter ?? []);
  }

  /**
   * The exit code of the command: one of the expected ones, unless the deployment goes on after failures; empty without a result.
   *
   * @attribute
   */
  public get exitCode(): string {
    return this.attribute('ExitCode');
  }

  /**
   * How the command ended: `COMPLETED`; `TIMED_OUT`, `NOT_STARTED` or `UNKNOWN` where the deployment goes on after failures;
   * `NOT_RUN` where the policy or a roll-back ran nothing and the last result is not kept any more.
   *
   * @attribute
   */
  public get status(): string {
    return this.attribute('Status');
  }

  /**
   * The last part of what the command wrote to its standard output; see `truncated`.
   *
   * @attribute
   */
  public get stdout(): string {
    return this.attribute('Stdout');
  }

  /**
   * The last part of what the command wrote to its standard error; see `truncated`.
   *
   * @attribute
   */
  public get stderr(): string {
    return this.attribute('Stderr');
  }

  /**
   * `true` where `stdout` or `stderr` lacks a part that did not fit into CloudFormation's 4096 bytes, else `false`.
   *
   * @attribute
   */
  public get truncated(): string {
    return this.attribute('Truncated');
  }

  /**
   * How long the command took, in milliseconds.
   *
   * @attribute
   */
  public get durationMillis(): string {
    return this.attribute('DurationMillis');
  }

  /**
   * The session that the command ran in.
   *
   * @attribute
   */
  public get sessionId(): string {
    return this.attribute('SessionId');
  }

  /**
   * Where the whole output of the command can be read in the AWS console; it is kept for a month.
   *
   * @attribute
   */
  public get logUrl(): string {
    return this.attribute('LogUrl');
  }

  /**
   * Runs the command only after these constructs are deployed.
   *
   * @param scopes constructs that the command needs, such as an endpoint or a bucket
   */
  public executeAfter(...scopes: IConstruct[]): void {
    this.node.addDependency(...scopes);
  }

  /**
   * One metric of the command, by its name: `Duration`, `Failures` or `Timeouts`; see `CommandMetrics`.
   *
   * @default - average over 5 minutes
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return CommandMetrics.fromRunner(this).metric(metricName, props);
  }

  /**
   * How long the command took, in milliseconds.
   *
   * @default - average over 5 minutes
   */
  public metricDuration(props?: MetricOptions): Metric {
    return CommandMetrics.fromRunner(this).metricDuration(props);
  }

  /**
   * How often the command failed, time-outs and unknown outcomes included.
   *
   * @default - sum over 5 minutes
   */
  public metricFailures(props?: MetricOptions): Metric {
    return CommandMetrics.fromRunner(this).metricFailures(props);
  }

  /**
   * How often the command was ended by its time-out.
   *
   * @default - sum over 5 minutes
   */
  public metricTimeouts(props?: MetricOptions): Metric {
    return CommandMetrics.fromRunner(this).metricTimeouts(props);
  }

  // not in the constructor: each token costs time, and few runners are asked for all of them
  private attribute(name: CommandAttribute): string {
    return this.resource.getAtt(name).toString();
  }
}

/** Whether one call of the provider may be too short; how long a token is cannot be known. */
function isLong(timeout: Duration): boolean {
  return timeout.isUnresolved() || timeout.toSeconds() > MAX_WATCHED_COMMAND_SECONDS;
}
