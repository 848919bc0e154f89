import { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { IItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { FleetWork } from './fleet-work';
import { WorkflowScheduleOptions } from './workflow-schedule';

/**
 * Quotas of the account that AWS has raised.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
 */
export interface FleetQuotas {
  /**
   * How many sessions may be active at once.
   *
   * @default - 2500; in us-east-1 and us-west-2 5000
   */
  readonly activeSessions?: number;

  /**
   * How many sessions may be started in a second.
   *
   * @default 25
   */
  readonly newSessionsPerSecond?: number;
}

/** Properties of `CommandFleet`. */
export interface CommandFleetProps {
  /** What is done in each session. */
  readonly work: FleetWork;

  /** Where the results and the report of each execution go. */
  readonly resultsBucket: IBucket;

  /**
   * What the keys of results begin with; the name of the execution comes next.
   *
   * @default fleets/
   */
  readonly resultsPrefix?: string;

  /**
   * Where the list of items comes from: an object of JSON, JSON Lines or CSV, an inventory, or a listing.
   *
   * @default - `sessions` in the input of the execution
   */
  readonly itemReader?: IItemReader;

  /**
   * How many sessions are worked in at once: 1 up to the quota of active sessions, which all runtimes of an account share in a region, and 10000
   * at most.
   *
   * @default 100
   */
  readonly maxConcurrency?: number;

  /**
   * How many sessions are begun in a second at most: above 0, up to the quota.
   *
   * @default - as many as the quota of new sessions allows
   */
  readonly startsPerSecond?: number;

  /**
   * The quotas, where AWS has raised them.
   *
   * @default - as AWS gives them to each account
   */
  readonly quotas?: FleetQuotas;

  /**
   * How many sessions may fail until the fleet is ended: a whole number from 0. Where a percentage is given as well, the first that is
   * passed counts.
   *
   * @default 0
   */
  readonly toleratedFailureCount?: number;

  /**
   * How many of all sessions may fail until the fleet is ended: 0 to 100.
   *
   * @default 0
   */
  readonly toleratedFailurePercentage?: number;

  /**
   * What happens when an execution does not succeed, such as a message to a topic.
   *
   * @default - there is no alarm
   */
  readonly alarmActions?: IAlarmAction[];
}

/** When a fleet starts by itself, and with what. */
export interface FleetScheduleOptions extends WorkflowScheduleOptions {
  /**
   * The list of items, for a fleet without `itemReader`.
   *
   * @default - as `itemReader` reads it
   */
  readonly sessions?: any[];
}
