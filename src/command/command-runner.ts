import { CfnResource, Duration, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct, IConstruct } from 'constructs';
import { Command } from './command';
import { allowCommands } from './command-policy';
import { validateNoSecret } from './secrets';
import { COMMAND_RESOURCE_TYPE, CommandAttribute, CommandProperties, MAX_COMMAND_SECONDS } from '../provider/contract';
import { throwFaults } from '../runtime/faults';
import { ProviderFunction } from '../runtime/provider-function';
import { COMMAND_TIMEOUT_SECONDS, validateCommandText, validateCommandTimeout } from '../service/command';
import { composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';

/** Properties of `CommandRunner`. */
export interface CommandRunnerProps {
  /**
   * The runtime to run in: an `AgentRuntime`, a runtime of `aws-cdk-lib/aws-bedrockagentcore`, or an imported one.
   *
   * It has to authorize callers by IAM, which is the default: the service takes commands from no other callers.
   */
  readonly runtime: IRuntimeRef;

  /** What to run. */
  readonly command: Command;

  /**
   * The directory to run in: an absolute path that exists in the session, such as the mount path of its storage.
   *
   * @default - the one that the service chooses
   */
  readonly workingDirectory?: string;

  /**
   * Variables added to the session's environment for this command only; no secrets, since the service logs them.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long the command may take: 1 second to 14 minutes, in whole seconds.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * The name of the endpoint to run on; pass an endpoint that is made in the same stack to `executeAfter` too.
   *
   * @default - DEFAULT, which follows the newest version of the runtime
   */
  readonly qualifier?: string;

  /**
   * Runs the command only after these constructs are deployed, besides the runtime itself.
   *
   * @default - none
   */
  readonly executeAfter?: IConstruct[];
}

/**
 * Runs a command in a session of a runtime while the stack is deployed, and fails the deployment if the command fails.
 *
 * It runs when it is added, and again when the command, its environment, directory, time-out or endpoint changes or the
 * runtime gets a new version. An exit code other than 0, a time-out, and a lost result fail the deployment, so that
 * CloudFormation rolls it back. Deleting runs nothing.
 *
 * Each run opens a session of its own and stops it afterwards: it has its own empty session storage, and the storage of
 * other sessions is not touched.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 */
export class CommandRunner extends Construct {
  /**
   * The exit code of the command, `0`.
   *
   * @attribute
   */
  public readonly exitCode: string;

  /**
   * How the command ended, `COMPLETED`.
   *
   * @attribute
   */
  public readonly status: string;

  /**
   * The last part of what the command wrote to its standard output; see `truncated`.
   *
   * @attribute
   */
  public readonly stdout: string;

  /**
   * The last part of what the command wrote to its standard error; see `truncated`.
   *
   * @attribute
   */
  public readonly stderr: string;

  /**
   * `true` where `stdout` or `stderr` lacks a part that did not fit into CloudFormation's 4096 bytes, else `false`.
   *
   * @attribute
   */
  public readonly truncated: string;

  /**
   * How long the command took, in milliseconds.
   *
   * @attribute
   */
  public readonly durationMillis: string;

  /**
   * The session that the command ran in.
   *
   * @attribute
   */
  public readonly sessionId: string;

  /**
   * Where the whole output of the command can be read in the AWS console; it is kept for a month.
   *
   * @attribute
   */
  public readonly logUrl: string;

  /**
   * Declares the command.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: CommandRunnerProps) {
    super(scope, id);
    throwFaults(this, faultsOf(Stack.of(this), props));

    const { runtime, qualifier = DEFAULT_ENDPOINT } = props;
    const provider = ProviderFunction.of(this);
    const resource = new CfnResource(this, 'Resource', {
      type: COMMAND_RESOURCE_TYPE,
      properties: { ...provider.serviceProperties, ...propertiesOf(props, qualifier) },
    });
    allowCommands(provider, resource, runtime, qualifier);

    const attribute = (name: CommandAttribute) => resource.getAtt(name).toString();
    this.exitCode = attribute('ExitCode');
    this.status = attribute('Status');
    this.stdout = attribute('Stdout');
    this.stderr = attribute('Stderr');
    this.truncated = attribute('Truncated');
    this.durationMillis = attribute('DurationMillis');
    this.sessionId = attribute('SessionId');
    this.logUrl = attribute('LogUrl');

    this.executeAfter(...props.executeAfter ?? []);
  }

  /**
   * Runs the command only after these constructs are deployed.
   *
   * @param scopes constructs that the command needs, such as an endpoint or a bucket
   */
  public executeAfter(...scopes: IConstruct[]): void {
    this.node.addDependency(...scopes);
  }
}

function propertiesOf(props: CommandRunnerProps, qualifier: string): CommandProperties {
  const { runtime, command: { _command: command }, environment = {}, timeout = Duration.seconds(COMMAND_TIMEOUT_SECONDS.default) } = props;
  return {
    AgentRuntimeArn: runtime.runtimeRef.agentRuntimeArn,
    Qualifier: qualifier,
    AgentRuntimeVersion: versionOf(runtime),
    ...(typeof command === 'string' ? { Command: command } : { Arguments: command }),
    WorkingDirectory: props.workingDirectory,
    Environment: Object.keys(environment).length > 0 ? environment : undefined,
    Timeout: Tokenization.stringifyNumber(timeout.toSeconds()),
  };
}

/** The version of a runtime where this app knows it; an imported runtime usually tells none. */
function versionOf(runtime: IRuntimeRef): string | undefined {
  if (CfnRuntime.isCfnRuntime(runtime)) return runtime.attrAgentRuntimeVersion;
  return (runtime as { readonly agentRuntimeVersion?: string }).agentRuntimeVersion;
}

function faultsOf(stack: Stack, props: CommandRunnerProps): string[] {
  const { command: { _command: command }, workingDirectory, environment = {}, timeout, qualifier } = props;
  const words = typeof command === 'string' ? [command] : command;
  const variables = Object.entries(environment);
  const texts = [...words, ...workingDirectory === undefined ? [] : [workingDirectory], ...Object.values(environment)];
  return [
    ...(words[0].trim() ? [] : ['command is empty; give it some shell text or the name of a program']),
    // how long a command is cannot be told while parts of it are tokens; the provider checks it again
    ...(texts.every(known) ? validateCommandText(composeCommandLine({ command, workingDirectory, environment })) : []),
    ...words.flatMap((word) => validateNoSecret(stack, 'command', word)).slice(0, 1),
    ...(known(workingDirectory) ? validateWorkingDirectory(workingDirectory) : []),
    ...(workingDirectory === undefined ? [] : validateNoSecret(stack, 'working directory', workingDirectory)),
    ...validateEnvironment(Object.fromEntries(variables.filter(([name]) => known(name)).map(([name, value]) => [name, known(value) ? value : '']))),
    ...variables.flatMap(([name, value]) => validateNoSecret(stack, `environment variable ${name}`, value)),
    ...(timeout && !timeout.isUnresolved() ? validateCommandTimeout(timeout.toSeconds({ integral: false }), MAX_COMMAND_SECONDS) : []),
    ...(known(qualifier) ? validateEndpointName(qualifier) : []),
  ];
}

/** Whether a text is there and is no token. */
function known(text: string | undefined): text is string {
  return text !== undefined && !Token.isUnresolved(text);
}
