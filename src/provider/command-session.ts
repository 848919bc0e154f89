import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { Command } from './command-properties';
import { digest } from './digest';
import { freshPolicies } from './fresh-policies';
import { LifecycleContext, LifecycleRequest } from './lifecycle';
import { LineLog } from './line-log';
import { isLong, watchLongCommand, WatchState } from './long-command';
import { inRegionOf } from './region-of-runtime';
import { DetachedRun, removeDetached } from '../client/detached/run-detached';
import { CommandOutcomeUnknownError, describeError } from '../client/errors';
import { retry } from '../client/retry';
import { CommandResult, runCommand, RunCommandOptions } from '../client/run-command';
import { stopSession } from '../client/stop-session';
import { composeCommandLine } from '../service/command-line';
import { composeSessionId } from '../service/session-id';

/** How much of each stream an answer or a reason is cut from, in characters. */
const KEPT_CHARACTERS = 8_192;

/** How long the end of a session may take before the answer has to go out; the service takes about ten seconds. */
const STOP_MILLIS = 30_000;

/** How often an idempotent command is run at most while its outcome stays unknown. */
const IDEMPOTENT_RUNS = 3;

/** The session that a request runs its command in, and what tells its run from every other one. */
export function runOf(command: Command, { owner, requestId }: LifecycleRequest): DetachedRun {
  const { runtimeArn, qualifier } = command;
  const token = digest(owner.stackId, owner.logicalId, requestId);
  return { runtimeArn, qualifier, token, sessionId: command.sessionId ?? composeSessionId(owner.logicalId, token) };
}

/** Runs the command of one request in its session, and writes its output to the log. */
export class CommandSession {
  constructor(private readonly client: BedrockAgentCoreClient, private readonly context: LifecycleContext) {}

  /** @returns how the command ended, or where the next call of the provider goes on */
  public async run(command: Command, request: LifecycleRequest): Promise<CommandResult | WatchState> {
    const { clock, log } = this.context;
    const { owner: { logicalId }, signal, deadline } = request;
    const run = runOf(command, request);
    const client = await inRegionOf(run.runtimeArn, this.client);
    const lines = new LineLog((fields) => log('output', { command: logicalId, ...fields }));
    const options: RunCommandOptions & Pick<LifecycleContext, 'clock'> = {
      clock,
      signal,
      keepCharacters: KEPT_CHARACTERS,
      onStdout: (text) => lines.append('stdout', text),
      onStderr: (text) => lines.append('stderr', text),
      onRetry: (error, attempt) => log('trying again', { attempt, error: describeError(error) }),
      alsoRetry: freshPolicies(clock),
      deadline,
    };
    try {
      return await this.runOrWatch(client, command, run, request, options);
    } finally {
      lines.flush();
    }
  }

  /**
   * Stops the session, and what may still run in it; one that is to stay keeps at least nothing of a detached command. Where
   * the time is up, the answer counts, and nobody waits for it.
   *
   * A session that stays open costs money until it idles out, but is no reason to fail a deployment.
   */
  public async end(command: Command, request: LifecycleRequest): Promise<void> {
    const { clock, log } = this.context;
    const run = runOf(command, request);
    const client = await inRegionOf(run.runtimeArn, this.client);
    const options = { clock, signal: AbortSignal.timeout(STOP_MILLIS) };
    const ended = command.stopsSession ? stopSession(client, run, options) : isLong(command) ? removeDetached(client, run, options) : undefined;
    const logged = Promise.resolve(ended).catch((error) => log('could not stop the session', { sessionId: run.sessionId, error: describeError(error) }));
    await Promise.race([logged, aborted(request.signal)]);
  }

  private async runOrWatch(
    client: BedrockAgentCoreClient, command: Command, run: DetachedRun, request: LifecycleRequest, options: RunCommandOptions & Pick<LifecycleContext, 'clock'>,
  ): Promise<CommandResult | WatchState> {
    const { clock, log } = this.context;
    const { timeoutSeconds, line } = command;
    const about = { command: request.owner.logicalId, sessionId: run.sessionId, timeoutSeconds };
    const state = request.continuation as WatchState | undefined;
    if (isLong(command)) {
      log(state ? 'going on to watch command' : 'running command detached, as it may take longer than this call', about);
      return watchLongCommand(client, { run, line, timeoutSeconds, deadline: request.deadline, state }, options);
    }
    log('running command', about);
    const direct = () => runCommand(client, { ...run, command: composeCommandLine(line), timeoutSeconds }, options);
    return retry(direct, {
      clock,
      retryable: (error) => command.idempotent && error instanceof CommandOutcomeUnknownError,
      attempts: IDEMPOTENT_RUNS,
      firstPauseMillis: 1_000,
      longestPauseMillis: 5_000,
      signal: request.signal,
      onRetry: (error) => log('running the command again, as it is idempotent', { ...about, error: describeError(error) }),
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
