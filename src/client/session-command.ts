import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandInput, CommandResult } from './api/command';
import { DetachedCommand, DetachedHandle, DetachedOptions, WaitOptions } from './api/detached-command';
import { check, lineFaults, lineOf } from './compose-run';
import { DetachedRun, endDetached, followDetached, removeDetached, startDetached } from './detached/run-detached';
import { startScript } from './detached/scripts';
import { errorOf } from './error-of';
import { watched } from './run-in-session';
import { validateCommandText, validateCommandTimeout } from '../service/command';
import { CommandLine, composeCommandLine } from '../service/command-line';
import { LIFECYCLE_SECONDS } from '../service/lifecycle';
import { DEFAULT_ENDPOINT } from '../service/names';

/** After how many seconds a detached command is ended unless told. */
const DETACHED_SECONDS = 3_600;

/** How long after its time-out a command's end is waited for, in seconds. */
const SLACK_SECONDS = 300;

/** A detached command as its session gives it out. */
export class SessionCommand implements DetachedCommand {
  constructor(private readonly client: BedrockAgentCoreClient, public readonly handle: DetachedHandle) {}

  public async wait(options: WaitOptions = {}): Promise<CommandResult> {
    const { timeoutSeconds, startedAt, sessionId } = this.handle;
    return watched(options, async (reading) => {
      const until = Date.now() + (timeoutSeconds + SLACK_SECONDS) * 1_000;
      const followed = await followDetached(this.client, this.run, { ...reading, until });
      if (!('exitCode' in followed)) throw new Error(`the command in session ${sessionId} has not ended ${SLACK_SECONDS} s after its time-out`);
      return { ...followed, durationMillis: Date.now() - startedAt };
    }, `the command could not be followed in session ${sessionId}`);
  }

  public async stop({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.call(async () => endDetached(this.client, this.run, { signal }), `the command could not be ended in session ${this.handle.sessionId}`, signal);
  }

  public async remove({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.call(async () => removeDetached(this.client, this.run, { signal }), `the command could not be removed from session ${this.handle.sessionId}`, signal);
  }

  public toJSON(): DetachedHandle {
    return this.handle;
  }

  /** Starts it. */
  public async begin(line: CommandLine, signal?: AbortSignal): Promise<void> {
    const { timeoutSeconds, sessionId } = this.handle;
    const start = async () => startDetached(this.client, this.run, line, timeoutSeconds, { signal });
    await this.call(start, `the command could not be started in session ${sessionId}`, signal);
  }

  private get run(): DetachedRun {
    const { runtimeArn, sessionId, qualifier, token } = this.handle;
    return { runtimeArn, sessionId, qualifier, token };
  }

  private async call(work: () => Promise<void>, what: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await work().catch((error) => {
      signal?.throwIfAborted();
      throw errorOf(error, what);
    });
  }
}

/**
 * Starts a command that goes on without a listener.
 *
 * @throws InvalidInputError for a command that cannot be sent
 */
export async function startCommand(
  client: BedrockAgentCoreClient, place: Omit<DetachedRun, 'token'>, command: CommandInput, options: DetachedOptions,
): Promise<SessionCommand> {
  const { timeoutSeconds = DETACHED_SECONDS, signal } = options;
  const line = lineOf(command, options);
  const token = randomUUID();
  check([
    ...lineFaults(line),
    ...validateCommandText(composeCommandLine({ command: startScript(token, line, timeoutSeconds) })),
    ...validateCommandTimeout(timeoutSeconds, LIFECYCLE_SECONDS.max),
  ]);
  const handle = { ...place, qualifier: place.qualifier ?? DEFAULT_ENDPOINT, token, startedAt: Date.now(), timeoutSeconds };
  const started = new SessionCommand(client, handle);
  await started.begin(line, signal);
  return started;
}
