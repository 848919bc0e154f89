import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandAttribute, CommandProperties, MAX_COMMAND_SECONDS } from './contract';
import { Lifecycle, LifecycleContext, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { LineLog } from './line-log';
import { digest, once } from './once';
import { InvalidPropertiesError } from './properties';
import { CommandOutcomeUnknownError, describeError } from '../client/errors';
import { CommandResult, runCommand } from '../client/run-command';
import { stopSession } from '../client/stop-session';
import { parseRuntimeArn } from '../service/arn';
import { validateCommandText, validateCommandTimeout } from '../service/command';
import { composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { composeSessionId } from '../service/session-id';

export interface CommandContext extends LifecycleContext {
  /** Where the output of commands can be read. */
  readonly logUrl: string;
}

/** How much of each stream an answer or a reason is cut from, in characters. */
const KEPT_CHARACTERS = 8_192;

/** A command that is run when its resource is created or changes; deleting it runs nothing. */
export class CommandLifecycle implements Lifecycle {
  constructor(private readonly client: BedrockAgentCoreClient, private readonly context: CommandContext) {}

  public fallbackId({ owner }: LifecycleRequest): string {
    return `command-${digest(owner.stackId, owner.logicalId)}`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleResult> {
    const command = parseCommand(request.properties);
    return once(request, this.context, async () => {
      const result = await this.runInOwnSession(command, request);
      if (result.status !== 'COMPLETED' || result.exitCode !== 0) throw new ResourceFailure(failureOf(result, command));
      return { physicalId: this.fallbackId(request), attributes: this.attributesOf(result) };
    });
  }

  public async update(request: LifecycleRequest): Promise<LifecycleResult> {
    return this.create(request);
  }

  public async remove(): Promise<void> {
    // a command leaves nothing that could be removed: its session is stopped as soon as it ends
  }

  private async runInOwnSession(command: Command, request: LifecycleRequest): Promise<CommandResult> {
    const { owner, requestId, signal } = request;
    const sessionId = composeSessionId(owner.logicalId, digest(owner.stackId, owner.logicalId, requestId));
    const lines = new LineLog((fields) => this.context.log('output', { command: owner.logicalId, ...fields }));
    const session = { runtimeArn: command.runtimeArn, qualifier: command.qualifier, sessionId };
    this.context.log('running command', { command: owner.logicalId, sessionId, timeoutSeconds: command.timeoutSeconds });
    try {
      return await runCommand(this.client, { ...session, command: command.text, timeoutSeconds: command.timeoutSeconds }, {
        clock: this.context.clock,
        signal,
        keepCharacters: KEPT_CHARACTERS,
        onStdout: (text) => lines.append('stdout', text),
        onStderr: (text) => lines.append('stderr', text),
        onRetry: (error, attempt) => this.context.log('the session is not ready yet, trying again', { attempt, error: describeError(error) }),
      });
    } catch (error) {
      const tail = error instanceof CommandOutcomeUnknownError ? stderrTail(error.output.stderr) : '';
      throw new ResourceFailure(`${describeError(error)}${tail}`, undefined, error);
    } finally {
      lines.flush();
      await this.stop(session);
    }
  }

  /** A session that stays open costs money until it idles out, but is no reason to fail a deployment. */
  private async stop(session: { readonly runtimeArn: string; readonly qualifier: string; readonly sessionId: string }): Promise<void> {
    await stopSession(this.client, session, { clock: this.context.clock })
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
  readonly text: string;
  readonly timeoutSeconds: number;
}

/** Checks again what synth checked, since tokens pass synth. */
function parseCommand(raw: Readonly<Record<string, unknown>>): Command {
  const properties = raw as unknown as CommandProperties;
  const qualifier = properties.Qualifier ?? DEFAULT_ENDPOINT;
  const timeoutSeconds = Number(properties.Timeout);
  const line = {
    command: properties.Arguments ?? properties.Command ?? '',
    workingDirectory: properties.WorkingDirectory,
    environment: properties.Environment,
  };
  const faults = [
    ...(parseRuntimeArn(properties.AgentRuntimeArn) ? [] : [`AgentRuntimeArn ${JSON.stringify(properties.AgentRuntimeArn)} is not the ARN of a runtime`]),
    ...(line.command.length > 0 ? [] : ['one of Command and Arguments is required, got neither']),
    ...validateEndpointName(qualifier),
    ...validateCommandTimeout(timeoutSeconds, MAX_COMMAND_SECONDS),
    ...(line.workingDirectory === undefined ? [] : validateWorkingDirectory(line.workingDirectory)),
    ...validateEnvironment(line.environment ?? {}),
  ];
  const text = faults.length === 0 ? composeCommandLine(line) : '';
  if (faults.length === 0) faults.push(...validateCommandText(text));
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return { runtimeArn: properties.AgentRuntimeArn, qualifier, text, timeoutSeconds };
}

function failureOf(result: CommandResult, command: Command): string {
  const what = result.status === 'TIMED_OUT'
    ? `the command timed out after ${command.timeoutSeconds} s`
    : `the command failed with exit code ${result.exitCode}`;
  return `${what} (exit code ${result.exitCode}, status ${result.status}, session ${result.sessionId})${stderrTail(result.stderr || result.stdout)}`;
}

function stderrTail(text: string): string {
  const tail = text.trimEnd().slice(-1_000);
  return tail ? `; it ended with: ${tail}` : '';
}
