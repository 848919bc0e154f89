import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandAttribute, CommandProperties, MAX_WATCHED_COMMAND_SECONDS } from './contract';
import { Lifecycle, LifecycleContext, LifecycleOutcome, LifecycleRequest, ResourceFailure } from './lifecycle';
import { LineLog } from './line-log';
import { watchLongCommand, WatchState } from './long-command';
import { digest, once } from './once';
import { InvalidPropertiesError } from './properties';
import { FRESH_POLICY_MILLIS } from './wait';
import { WayBack } from './way-back';
import { DetachedRun } from '../client/detached/run-detached';
import { CommandOutcomeUnknownError, describeError } from '../client/errors';
import { retry } from '../client/retry';
import { CommandResult, runCommand, RunCommandOptions } from '../client/run-command';
import { stopSession } from '../client/stop-session';
import { parseRuntimeArn } from '../service/arn';
import { validateCommandText, validateCommandTimeout } from '../service/command';
import { CommandLine, composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { composeSessionId } from '../service/session-id';

export interface CommandContext extends LifecycleContext {
  /** Where the output of commands can be read. */
  readonly logUrl: string;
}

/** How much of each stream an answer or a reason is cut from, in characters. */
const KEPT_CHARACTERS = 8_192;

/** How long the end of a session may take before the answer has to go out; the service takes about ten seconds. */
const STOP_MILLIS = 30_000;

/** How often an idempotent command is run at most while its outcome stays unknown. */
const IDEMPOTENT_RUNS = 3;

/** A command that is run when its resource is created or changes; deleting it runs nothing. */
export class CommandLifecycle implements Lifecycle {
  private readonly wayBack: WayBack;

  constructor(private readonly client: BedrockAgentCoreClient, private readonly context: CommandContext) {
    this.wayBack = new WayBack(context.ledger);
  }

  public fallbackId({ owner }: LifecycleRequest): string {
    return `command-${digest(owner.stackId, owner.logicalId)}`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleOutcome> {
    const command = parseCommand(request.properties);
    return once(request, this.context, async () => {
      try {
        const result = await this.runInOwnSession(command, request);
        if (!('exitCode' in result)) return { continuation: result };
        if (result.status !== 'COMPLETED' || result.exitCode !== 0) throw new ResourceFailure(failureOf(result, command));
        const success = { physicalId: this.fallbackId(request), attributes: this.attributesOf(result) };
        await this.noting(this.wayBack.noteSuccess(request, success));
        return success;
      } catch (error) {
        await this.noting(this.wayBack.noteFailure(request));
        throw error;
      }
    });
  }

  public async update(request: LifecycleRequest): Promise<LifecycleOutcome> {
    const before = await this.wayBack.lastSuccess(request);
    if (before) {
      this.context.log('not running the command on the way back from its own failure', { command: request.owner.logicalId });
      return before;
    }
    return this.create(request);
  }

  public async remove(): Promise<void> {
    // a command leaves nothing that could be removed: its session is stopped as soon as it ends
  }

  private async runInOwnSession(command: Command, request: LifecycleRequest): Promise<CommandResult | WatchState> {
    const { owner, requestId, signal } = request;
    const begun = this.context.clock.now();
    const token = digest(owner.stackId, owner.logicalId, requestId);
    const sessionId = composeSessionId(owner.logicalId, token);
    const lines = new LineLog((fields) => this.context.log('output', { command: owner.logicalId, ...fields }));
    const session = { runtimeArn: command.runtimeArn, qualifier: command.qualifier, sessionId };
    const options: RunCommandOptions & Pick<CommandContext, 'clock'> = {
      clock: this.context.clock,
      signal,
      keepCharacters: KEPT_CHARACTERS,
      onStdout: (text) => lines.append('stdout', text),
      onStderr: (text) => lines.append('stderr', text),
      onRetry: (error, attempt) => this.context.log('trying again', { attempt, error: describeError(error) }),
      alsoRetry: (error) => isDenied(error) && this.context.clock.now() < begun + FRESH_POLICY_MILLIS,
      deadline: request.deadline,
    };
    let goesOn = false;
    try {
      const result = await this.runOrWatch(command, { ...session, token }, request, options);
      goesOn = !('exitCode' in result);
      return result;
    } catch (error) {
      const tail = error instanceof CommandOutcomeUnknownError ? endOf(error.output.stderr) : '';
      throw new ResourceFailure(`${describeError(error)}${tail}`, undefined, error);
    } finally {
      lines.flush();
      if (!goesOn) await this.stop(session);
    }
  }

  private async runOrWatch(
    command: Command, run: DetachedRun, request: LifecycleRequest, options: RunCommandOptions & Pick<CommandContext, 'clock'>,
  ): Promise<CommandResult | WatchState> {
    const { clock, log } = this.context;
    const { timeoutSeconds, line } = command;
    const about = { command: request.owner.logicalId, sessionId: run.sessionId, timeoutSeconds };
    const state = request.continuation as WatchState | undefined;
    if (timeoutSeconds > MAX_WATCHED_COMMAND_SECONDS) {
      log(state ? 'going on to watch command' : 'running command detached, as it may take longer than this call', about);
      return watchLongCommand(this.client, { run, line, timeoutSeconds, deadline: request.deadline, state }, options);
    }
    log('running command', about);
    const direct = () => runCommand(this.client, { ...run, command: composeCommandLine(line), timeoutSeconds }, options);
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

  /** What is noted for later must not change how this request ends. */
  private async noting(note: Promise<void>): Promise<void> {
    await note.catch((error) => this.context.log('could not note the outcome', { error: describeError(error) }));
  }

  /** A session that stays open costs money until it idles out, but is no reason to fail a deployment. */
  private async stop(session: { readonly runtimeArn: string; readonly qualifier: string; readonly sessionId: string }): Promise<void> {
    await stopSession(this.client, session, { clock: this.context.clock, signal: AbortSignal.timeout(STOP_MILLIS) })
      .catch((error) => this.context.log('could not stop the session', { sessionId: session.sessionId, error: describeError(error) }));
  }

  private attributesOf(result: CommandResult): Record<CommandAttribute, string> {
    return {
      ExitCode: String(result.exitCode),
      Status: result.status,
      Stdout: result.stdout,
      Stderr: result.stderr,
      Truncated: String(result.truncated),
      DurationMillis: String(result.durationMillis),
      SessionId: result.sessionId,
      LogUrl: this.context.logUrl,
    };
  }
}

interface Command {
  readonly runtimeArn: string;
  readonly qualifier: string;
  readonly line: CommandLine;
  readonly timeoutSeconds: number;
  readonly idempotent: boolean;
}

/** Checks again what synth checked, since tokens pass synth. */
function parseCommand(raw: Readonly<Record<string, unknown>>): Command {
  const properties = raw as unknown as CommandProperties;
  const qualifier = properties.Qualifier ?? DEFAULT_ENDPOINT;
  const timeoutSeconds = Number(properties.Timeout);
  const line: CommandLine = {
    command: properties.Arguments ?? properties.Command ?? '',
    workingDirectory: properties.WorkingDirectory,
    environment: properties.Environment,
  };
  const faults = [
    ...(parseRuntimeArn(properties.AgentRuntimeArn) ? [] : [`AgentRuntimeArn ${JSON.stringify(properties.AgentRuntimeArn)} is not the ARN of a runtime`]),
    ...(line.command.length > 0 ? [] : ['one of Command and Arguments is required, got neither']),
    ...validateEndpointName(qualifier),
    ...validateCommandTimeout(timeoutSeconds),
    ...(line.workingDirectory === undefined ? [] : validateWorkingDirectory(line.workingDirectory)),
    ...validateEnvironment(line.environment ?? {}),
  ];
  if (faults.length === 0) faults.push(...validateCommandText(composeCommandLine(line)));
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return { runtimeArn: properties.AgentRuntimeArn, qualifier, line, timeoutSeconds, idempotent: properties.Idempotent === 'true' };
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === 'AccessDeniedException';
}

function failureOf(result: CommandResult, command: Command): string {
  const what = result.status === 'TIMED_OUT'
    ? `the command timed out after ${command.timeoutSeconds} s (exit code ${result.exitCode}, `
    : `the command failed with exit code ${result.exitCode} (`;
  return `${what}status ${result.status}, session ${result.sessionId})${endOf(result.stderr || result.stdout)}`;
}

function endOf(text: string): string {
  const tail = text.trimEnd().slice(-1_000);
  return tail ? `; it ended with: ${tail}` : '';
}
