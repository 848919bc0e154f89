import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { LONG_SERVICE_TIMEOUT_SECONDS, MAX_WATCHED_COMMAND_SECONDS } from './contract';
import { Clock } from '../client/clock';
import { DetachedRun, FollowState, followDetached, startDetached } from '../client/detached/run-detached';
import { CommandOutcomeUnknownError } from '../client/errors';
import { CommandResult, RunCommandOptions } from '../client/run-command';
import { CommandLine } from '../service/command-line';

/** Where one call of the provider leaves off and the next one goes on. */
export interface WatchState {
  readonly begunAt: number;
  readonly follow?: FollowState;
}

/** How long before CloudFormation gives up a long command is ended, so that its end can still be told, in seconds. */
const TELL_SECONDS = 90;

/** How long before its own end a call stops listening, in milliseconds, so that the next one is called in time. */
const HAND_OVER_MILLIS = 10_000;

/** How long a start whose answer is lost may still take to be seen, in milliseconds. */
const START_MILLIS = 2_000;

/** Whether a command may take longer than one call of the provider. */
export function isLong({ timeoutSeconds }: { readonly timeoutSeconds: number }): boolean {
  return timeoutSeconds > MAX_WATCHED_COMMAND_SECONDS;
}

export interface LongCommand {
  readonly run: DetachedRun;
  readonly line: CommandLine;
  readonly timeoutSeconds: number;
  /** When this call of the provider has to be done, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly state?: WatchState;
}

/**
 * Watches a command that takes longer than one call of the provider may: it goes on in its session without a listener, and
 * each call follows it for a while.
 *
 * @returns how it ended, or where the next call goes on
 */
export async function watchLongCommand(
  client: BedrockAgentCoreClient, command: LongCommand, options: RunCommandOptions & { readonly clock: Clock },
): Promise<CommandResult | WatchState> {
  const { clock } = options;
  const { run, state = { begunAt: clock.now() } } = command;
  const timeoutSeconds = Math.min(command.timeoutSeconds, LONG_SERVICE_TIMEOUT_SECONDS - TELL_SECONDS);
  if (!command.state) {
    await startDetached(client, run, command.line, timeoutSeconds, options).catch(async (error) => {
      // to follow it tells whether it has started, and nothing is lost
      if (!(error instanceof CommandOutcomeUnknownError)) throw error;
      options.onRetry?.(error, 1);
      await clock.sleep(START_MILLIS, options.signal).catch(() => { throw error; });
    });
  }
  const left = command.deadline - clock.now();
  const until = command.deadline - Math.min(HAND_OVER_MILLIS, left / 2);
  const followed = await followDetached(client, run, { ...options, from: state.follow, until });
  if ('exitCode' in followed) return { ...followed, timeoutSeconds, durationMillis: clock.now() - state.begunAt };
  return { begunAt: state.begunAt, follow: followed };
}
