import { Duration } from 'aws-cdk-lib';
import { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { EndpointOptions } from './session-task-props';
import { WorkflowScheduleOptions } from './workflow-schedule';
import { Command } from '../command/command';

/** A command of a loop: a gate, or one at its end. */
export interface LoopCommand {
  /** What to run. */
  readonly command: Command;

  /**
   * What it is called in what the agent is told, in the summary and in the names of states: up to 60 characters.
   *
   * @default - `gate 1` and so on, and `finish 1` and so on
   */
  readonly name?: string;

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
   * How long it may take: 1 second to 1 hour, in whole seconds.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;
}

/** What ends a loop whose gates do not pass; at least one of them. It is looked at after each round. */
export interface LoopBudget {
  /**
   * How many rounds there are at most: 1 to 100.
   *
   * @default 100
   */
  readonly iterations?: number;

  /**
   * After how long no new round begins: 1 second to 7 days, in whole seconds.
   *
   * @default - not by time
   */
  readonly duration?: Duration;

  /**
   * After how many tokens no new round begins, as the agent tells them in `usage` of each answer; one that tells none ends the loop.
   *
   * @default - not by tokens
   */
  readonly tokens?: number;
}

/** Properties of `AgentLoop`. */
export interface AgentLoopProps extends EndpointOptions {
  /** The commands that have to pass, one after the other, with exit code 0: 1 to 10. */
  readonly gates: LoopCommand[];

  /** What ends the loop otherwise. */
  readonly budget: LoopBudget;

  /**
   * What is run once the gates have passed, one after the other, such as `git push`: up to 10.
   *
   * @default - nothing
   */
  readonly finish?: LoopCommand[];

  /**
   * How long the agent may take for one answer: 1 second to 14 minutes, in whole seconds.
   *
   * @default Duration.minutes(14)
   */
  readonly agentTimeout?: Duration;

  /**
   * How much the agent is told of a gate that has not passed, in characters: 500 to 100000.
   *
   * @default 8000
   */
  readonly observationCharacters?: number;

  /**
   * Where the summary of each execution goes as an event, with source `cdk-agentcore-runtime` and detail type `Agent Loop Ended`.
   *
   * @default - the default event bus of the account
   */
  readonly eventBus?: IEventBus;

  /**
   * What happens when an execution does not succeed, such as a message to a topic.
   *
   * @default - there is no alarm
   */
  readonly alarmActions?: IAlarmAction[];
}

/** When a loop starts by itself, and with what. */
export interface LoopScheduleOptions extends WorkflowScheduleOptions {
  /** What the agent is given to do: anything that JSON can say. */
  readonly task: any;

  /**
   * The session to go on with: 33 to 256 visible characters of ASCII.
   *
   * @default - a new one for each execution
   */
  readonly sessionId?: string;
}
