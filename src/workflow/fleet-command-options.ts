import { Duration } from 'aws-cdk-lib';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { EndpointOptions } from './session-task-props';
import { Command } from '../command/command';

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
