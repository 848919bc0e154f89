import { Duration } from 'aws-cdk-lib';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Command } from '../command/command';

/** A command that a state machine runs in a session. */
export interface WorkflowCommandOptions {
  /** What to run. */
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
   * @default - nowhere; results hold the end of it
   */
  readonly outputBucket?: IBucket;

  /**
   * What the keys of that output begin with.
   *
   * @default commands/
   */
  readonly outputPrefix?: string;
}
