import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandFailedError, CommandResult, ResultOptions } from './api/command';
import { Clock } from './clock';
import { errorOf } from './error-of';
import { CommandResult as BareResult, runCommand, RunCommandOptions, RunCommandRequest } from './run-command';
import { RunOutput } from './run-output';

/** How a command is run and told of. */
export interface RunInSessionOptions extends ResultOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Runs one composed command in a session; see `AgentSession.run`. */
export async function runInSession(
  client: BedrockAgentCoreClient, request: RunCommandRequest, options: RunInSessionOptions,
): Promise<CommandResult> {
  return watched(options, async (reading) => runCommand(client, request, { ...reading, alsoRetry: isConflict }), `the command failed in session ${request.sessionId}`);
}

/**
 * Lets a command be read, and tells its end as the client does: listeners that throw and signals that abort end the reading
 * and come through as they are, everything else as an error of `api/errors`.
 *
 * @param what failed, where something does, in words for the message
 */
export async function watched(
  options: RunInSessionOptions, read: (reading: RunCommandOptions) => Promise<BareResult>, what: string,
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  // a listener that throws ends the connection too; without listeners, a signal would only make each call slower
  const own = options.onStdout || options.onStderr ? new AbortController() : undefined;
  const signal = own && options.signal ? AbortSignal.any([options.signal, own.signal]) : own?.signal ?? options.signal;
  const output = new RunOutput(options, signal);
  let requestId: string | undefined;
  let result: CommandResult;
  try {
    const bare = await read({ ...output.reading, signal, clock: options.clock, onAnswer: (id) => { requestId = id; } });
    result = await output.resultOf(bare, requestId);
  } catch (error) {
    own?.abort();
    options.signal?.throwIfAborted();
    if (output.failure) throw output.failure.error;
    throw errorOf(error, what, requestId);
  }
  if (options.check && !result.ok) throw new CommandFailedError(`${failureOf(result)} in session ${result.sessionId}`, result);
  return result;
}

function failureOf({ exitCode, timedOut, durationMillis }: CommandResult): string {
  if (timedOut) return `the command timed out after ${Math.round(durationMillis / 1_000)} s`;
  return exitCode === undefined ? 'the platform ended the command' : `the command exited with ${exitCode}`;
}

/** A session that is just being started or stopped: nothing has run, and the next call may. */
function isConflict(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 409;
}
