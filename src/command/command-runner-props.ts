import { Duration } from 'aws-cdk-lib';
import { IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { IConstruct } from 'constructs';
import { Command } from './command';
import { CommandFailure } from './command-failure';
import { RunPolicy } from './run-policy';

/** Properties of `CommandRunner`. */
export interface CommandRunnerProps {
  /**
   * The runtime to run in: an `AgentRuntime`, a runtime of `aws-cdk-lib/aws-bedrockagentcore`, or an imported one.
   *
   * It has to authorize callers by IAM, which is the default: the service takes commands from no other callers.
   *
   * A new version of a runtime in another stack does not run the command again: that stack could not be deployed any more
   * once this one has imported the version from it. Nor does one of an imported runtime; name it in `triggers`.
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
   * Beyond 14 minutes the command goes on detached in its session, which takes `sh`, `base64`, `cat`, `head`, `mkdir`, `mv`,
   * `rm`, `sleep`, `tail`, `tr` and `wc` in the image, and the provider calls itself to go on watching it.
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

  /**
   * When a deployment runs the command again that has run before.
   *
   * @default RunPolicy.ON_CHANGE
   */
  readonly runPolicy?: RunPolicy;

  /**
   * Values whose change runs the command again, by names of your choice: the digest of a file, as `FileSystem.fingerprint`
   * of `aws-cdk-lib` tells it, a commit, the version of an imported runtime. The command does not see them.
   *
   * They stand in the template. They have no place with `RunPolicy.ONCE` and `RunPolicy.EVERY_DEPLOYMENT`.
   *
   * @default - none
   */
  readonly triggers?: { [name: string]: string };

  /**
   * The exit codes that count as success: whole numbers from 0 to 255. A time-out is a failure whatever the exit code.
   *
   * @default - 0 alone
   */
  readonly expectedExitCodes?: number[];

  /**
   * What happens where the command fails, times out, cannot be started or loses its result.
   *
   * With `CommandFailure.WARN` the attributes tell what has happened: `status` is `NOT_STARTED` or `UNKNOWN`, and
   * `exitCode` empty, where the command has told no result.
   *
   * @default CommandFailure.FAIL
   */
  readonly onFailure?: CommandFailure;

  /**
   * The session to run in, with the files of its session storage: 33 to 256 visible characters of ASCII.
   *
   * The runner does not stop it unless `stopSession` asks for that. Several runners may name the same session; let
   * `executeAfter` order them, since commands in one session may run at the same time. A session on DEFAULT loses its files
   * with each new version of the runtime.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-sessions.html
   * @default - a new one for each run
   */
  readonly sessionId?: string;

  /**
   * Whether the session is stopped when the command has ended. A session that goes on costs money until it has been idle
   * for the time that the runtime allows, and so does a command in it whose result was lost.
   *
   * @default - `true` for a session that the runner has made, `false` for that of `sessionId`
   */
  readonly stopSession?: boolean;

  /**
   * What to run before the command is deleted, or its runtime is replaced: with the same directory, environment, endpoint
   * and session id as the command itself; exit code 0 is success.
   *
   * It runs where the resource had been created, as it was last deployed, and while the runtime, the endpoint of `endpoint`
   * and all that is in `executeAfter` are still there. In a runtime that is replaced it runs only where that is an
   * `AgentRuntime` of the same stack; the permission for any other is gone by then. A change of it alone runs nothing.
   *
   * @default - nothing
   */
  readonly onDelete?: Command;

  /**
   * How long `onDelete` may take: 1 second to 1 hour, in whole seconds; beyond 14 minutes as `timeout` says.
   *
   * @default - as long as the command
   */
  readonly onDeleteTimeout?: Duration;

  /**
   * What a failure of `onDelete` means. With `CommandFailure.FAIL` it keeps the resource, and so the stack, from being
   * deleted: it is run again by the next attempt to delete the stack. When a deployment deletes it, CloudFormation tells of
   * the failure and goes on.
   *
   * @default CommandFailure.WARN
   */
  readonly onDeleteFailure?: CommandFailure;
}
