import { CfnResource, Duration, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct, IConstruct } from 'constructs';
import { validateAuthorizer } from './authorizer';
import { Command } from './command';
import { allowCommands } from './command-policy';
import { endpointNameOf } from './endpoint-name';
import { validateNoSecret } from './secrets';
import { COMMAND_RESOURCE_TYPE, CommandAttribute, CommandProperties, LONG_SERVICE_TIMEOUT_SECONDS, MAX_WATCHED_COMMAND_SECONDS } from '../provider/contract';
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
   *
   * A new version of a runtime in another stack does not run the command again: that stack could not be deployed any more
   * once this one has imported the version from it.
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
   * How long the command may take: 1 second to 1 hour, in whole seconds.
   *
   * CloudFormation waits for no resource longer than an hour: a command that is still running shortly before is ended.
   * Beyond 14 minutes the command goes on detached in its session, which takes `sh`, `base64`, `head`, `tail` and `tr` in
   * the image, and the provider calls itself to go on watching it.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Whether the command may be run again, three times at most, when the outcome of a run stays unknown because the
   * connection was lost.
   *
   * @default false
   */
  readonly idempotent?: boolean;

  /**
   * The endpoint to run on, where this app makes it: such as what `addEndpoint` of the runtime returns. The command runs
   * after the endpoint is deployed.
   *
   * @default - the one that `qualifier` names
   */
  readonly endpoint?: IRuntimeEndpointRef;

  /**
   * The name of the endpoint to run on, where this app does not make it; else use `endpoint`.
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
 * On the roll-back of an update, the command that failed is not run: it is back at the result of its last success. A changed
 * command that had succeeded before something else failed runs once more, as it was before the update. What commands have
 * changed outside of their own session stays changed.
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
    throwFaults(this, [...faultsOf(props), ...lateFaultsOf(Stack.of(this), props)]);
    // once more at synth, when all parameters are declared and all properties of the runtime are set
    this.node.addValidation({ validate: () => lateFaultsOf(Stack.of(this), props) });

    const { runtime, endpoint } = props;
    const qualifier = props.qualifier ?? (endpoint && endpointNameOf(endpoint)) ?? DEFAULT_ENDPOINT;
    const provider = ProviderFunction.of(this);
    const timeout = props.timeout ?? Duration.seconds(COMMAND_TIMEOUT_SECONDS.default);
    // how long a token is cannot be known: it may be long
    const long = timeout.isUnresolved() || timeout.toSeconds() > MAX_WATCHED_COMMAND_SECONDS;
    const resource = new CfnResource(this, 'Resource', {
      type: COMMAND_RESOURCE_TYPE,
      properties: {
        ...provider.serviceProperties,
        ...(long ? { ServiceTimeout: String(LONG_SERVICE_TIMEOUT_SECONDS) } : {}),
        ...propertiesOf(Stack.of(this), props, qualifier, timeout),
      },
    });
    if (long) provider.allowToCallItself(resource);
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

    this.executeAfter(...endpoint ? [endpoint] : [], ...props.executeAfter ?? []);
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

function propertiesOf(stack: Stack, props: CommandRunnerProps, qualifier: string, timeout: Duration): CommandProperties {
  const { runtime, command: { _command: command }, environment = {}, idempotent = false } = props;
  return {
    AgentRuntimeArn: runtime.runtimeRef.agentRuntimeArn,
    Qualifier: qualifier,
    AgentRuntimeVersion: versionFor(stack, runtime),
    ...(typeof command === 'string' ? { Command: command } : { Arguments: command }),
    WorkingDirectory: props.workingDirectory,
    Environment: Object.keys(environment).length > 0 ? environment : undefined,
    Timeout: Tokenization.stringifyNumber(timeout.toSeconds()),
    Idempotent: idempotent ? 'true' : undefined,
  };
}

/** The version of a runtime where a change of it can reach the command; an imported runtime usually tells none. */
function versionFor(stack: Stack, runtime: IRuntimeRef): string | undefined {
  const version = CfnRuntime.isCfnRuntime(runtime)
    ? runtime.attrAgentRuntimeVersion
    : (runtime as { readonly agentRuntimeVersion?: string }).agentRuntimeVersion;
  // between stacks it would be an export, which CloudFormation refuses to change while it is imported
  return Token.isUnresolved(version) && outermost(Stack.of(runtime)) !== outermost(stack) ? undefined : version;
}

/** Nested stacks hand values to each other by parameters and outputs, without exports. */
function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}

function faultsOf(props: CommandRunnerProps): string[] {
  const { command: { _command: command }, workingDirectory, environment = {}, timeout, endpoint, qualifier } = props;
  const words = typeof command === 'string' ? [command] : command;
  const variables = Object.entries(environment);
  const texts = [...words, ...workingDirectory === undefined ? [] : [workingDirectory], ...Object.values(environment)];
  return [
    ...(words[0].trim() ? [] : ['command is empty; give it some shell text or the name of a program']),
    // how long a command is cannot be told while parts of it are tokens; the provider checks it again
    ...(texts.every(known) ? validateCommandText(composeCommandLine({ command, workingDirectory, environment })) : []),
    ...(known(workingDirectory) ? validateWorkingDirectory(workingDirectory) : []),
    ...validateEnvironment(Object.fromEntries(variables.filter(([name]) => known(name)).map(([name, value]) => [name, known(value) ? value : '']))),
    ...(timeout && !timeout.isUnresolved() ? validateCommandTimeout(timeout.toSeconds({ integral: false })) : []),
    ...(known(qualifier) ? validateEndpointName(qualifier) : []),
    ...(endpoint && qualifier !== undefined ? ['endpoint and qualifier both say where to run; leave one of them out'] : []),
    ...(endpoint && endpointNameOf(endpoint) === undefined ? ['endpoint does not tell its name; give the name as qualifier, and the endpoint to executeAfter'] : []),
  ];
}

/** What is wrong, and can become wrong after the command is declared. */
function lateFaultsOf(stack: Stack, { runtime, command: { _command: command }, workingDirectory, environment = {} }: CommandRunnerProps): string[] {
  const words = typeof command === 'string' ? [command] : command;
  return [
    ...words.flatMap((word) => validateNoSecret(stack, 'command', word)).slice(0, 1),
    ...(workingDirectory === undefined ? [] : validateNoSecret(stack, 'working directory', workingDirectory)),
    ...Object.entries(environment).flatMap(([name, value]) => validateNoSecret(stack, `environment variable ${name}`, value)),
    ...validateAuthorizer(runtime),
  ];
}

/** Whether a text is there and is no token. */
function known(text: string | undefined): text is string {
  return text !== undefined && !Token.isUnresolved(text);
}
