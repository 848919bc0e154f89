import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { parseRuntimeArn } from '../../service/arn';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../../service/names';
import { validateSessionId } from '../../service/session-id';
import { answerBytes, answerText, answerValue, payloadOf } from '../agent-answer';
import { check, composeRun } from '../compose-run';
import { clientConfig, dataClient, ENDPOINT_VARIABLE } from '../connect';
import { errorOf } from '../error-of';
import { HandOver } from '../hand-over';
import { AgentAnswer, invokeAgent } from '../invoke-agent';
import { runInSession } from '../run-in-session';
import { shortened } from '../run-output';
import { SessionCommand, startCommand } from '../session-command';
import { InteractiveShell } from '../shell/interactive-shell';
import { runtimeArnFromOutputs } from '../stack-outputs';
import { runtimeArnOfStack } from '../stacks/runtime-of-stack';
import { stopSession } from '../stop-session';
import { CommandInput, CommandResult, HistoryEntry, OutputPiece, RunOptions } from './command';
import { AgentSessionOptions, DeployedStackSessionOptions, StackSessionOptions } from './connection';
import { DetachedCommand, DetachedHandle, DetachedOptions } from './detached-command';
import { InvokeOptions } from './invocation';
import { AgentShell, ShellOptions } from './shell';

/** How many commands a session object remembers, and how much of each stream of theirs, in bytes. */
const HISTORY = { commands: 50, bytes: 4_096 };

/**
 * A session of a runtime: commands run in it, its agent is invoked in it, its files stay in it. The service starts it with the
 * first call.
 *
 * Everything rejects with an AgentCoreError, or with the reason of the signal that was given. Calls are repeated, with pauses
 * that grow and vary, as long as the service has answered with an error that proves that nothing has started.
 */
export class AgentSession {
  /**
   * The session of an id, or a new one. Nothing is sent yet.
   *
   * @throws InvalidInputError for an ARN, an id, an endpoint's name or a URL that is none
   */
  public static of(options: AgentSessionOptions): AgentSession {
    const { runtimeArn, sessionId = randomUUID(), historyLimit = HISTORY.commands } = options;
    const arn = parseRuntimeArn(runtimeArn);
    const qualifier = options.qualifier ?? arn?.endpointName ?? DEFAULT_ENDPOINT;
    check([
      ...(arn ? [] : [`${JSON.stringify(runtimeArn)} is not the ARN of a runtime; one looks like arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5`]),
      ...validateSessionId(sessionId),
      ...validateEndpointName(qualifier),
      ...(Number.isInteger(historyLimit) && historyLimit >= 0 ? [] : [`historyLimit of ${historyLimit} is not a whole number from 0`]),
    ]);
    const endpoint = options.endpoint ?? (process.env[ENDPOINT_VARIABLE] || undefined);
    const config = clientConfig({ endpoint, region: options.region ?? arn!.region, credentials: options.credentials });
    return new AgentSession(dataClient(config), runtimeArn.replace(/\/runtime-endpoint\/.*$/, ''), sessionId, qualifier, historyLimit);
  }

  /**
   * A session of the runtime that a stack has deployed and tells of in its outputs.
   *
   * @throws InvalidInputError where the file, the stack or the output is not there
   */
  public static fromStack(options: StackSessionOptions): AgentSession {
    return AgentSession.of({ ...options, runtimeArn: runtimeArnFromOutputs(options.outputsFile, options.stack, options.output) });
  }

  /**
   * A session of a runtime of a stack, which is looked up in CloudFormation: it takes `cloudformation:ListStackResources` (of
   * the stacks nested in it too) and `DescribeStacks`. Stacks in a local AgentCore are not in CloudFormation; `fromStack` takes their outputs.
   *
   * @throws InvalidInputError where there is no such stack, no such runtime in it, or more than one
   */
  public static async fromDeployedStack(options: DeployedStackSessionOptions): Promise<AgentSession> {
    const { stack, construct, region, credentials } = options;
    const client = dataClient(clientConfig({ region, credentials }));
    try {
      return AgentSession.of({ ...options, runtimeArn: await runtimeArnOfStack(client, stack, construct) });
    } catch (error) {
      throw errorOf(error, `the runtime of stack ${stack} could not be looked up`);
    } finally {
      client.destroy();
    }
  }

  private readonly ran: HistoryEntry[] = [];

  private constructor(
    private readonly client: BedrockAgentCoreClient,
    public readonly runtimeArn: string,
    public readonly sessionId: string,
    public readonly qualifier: string,
    private readonly historyLimit: number,
  ) {}

  /** The commands that this object has run, the oldest first. */
  public get history(): readonly HistoryEntry[] {
    return [...this.ran];
  }

  /**
   * Runs a command and waits for its end; its standard input is empty. A string is shell text, a list is one program and its
   * arguments. How it ended is data: only `check` turns an exit code into an error.
   *
   * @throws CommandOutcomeUnknownError where the command may have started and its result did not arrive; any other
   * AgentCoreError says that it has not started
   */
  public async run(command: CommandInput, options: RunOptions = {}): Promise<CommandResult> {
    const { command: text, timeoutSeconds } = composeRun(command, options);
    return this.remember(command, async () => runInSession(this.client, { ...this.place, command: text, timeoutSeconds }, options));
  }

  /**
   * Runs a command and gives its output piece by piece; the next piece is read when it is asked for. Returns how the command
   * ended. To leave the loop early closes the connection, as an abort does.
   */
  public async* stream(command: CommandInput, options: Omit<RunOptions, 'onStdout' | 'onStderr'> = {}): AsyncGenerator<OutputPiece, CommandResult, undefined> {
    const left = new AbortController();
    const pieces = new HandOver<OutputPiece>();
    const running = this.run(command, {
      ...options,
      signal: options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal,
      onStdout: async (stdout) => pieces.put({ stdout }),
      onStderr: async (stderr) => pieces.put({ stderr }),
    });
    const ended = running.then(() => pieces.close(), () => pieces.close());
    try {
      for (let piece = await pieces.take(); piece; piece = await pieces.take()) yield piece;
      return await running;
    } finally {
      left.abort();
      pieces.abandon();
      await ended;
    }
  }

  /**
   * Starts a command that goes on when nobody listens any more, and returns as soon as it runs. Its image needs `base64`,
   * `head`, `tail`, `tr` and `wc`.
   */
  public async runDetached(command: CommandInput, options: DetachedOptions = {}): Promise<DetachedCommand> {
    return startCommand(this.client, this.place, command, options);
  }

  /**
   * A command that was started detached, by this process or another one.
   *
   * @param handle `detached.handle`, or what JSON made of it
   * @throws InvalidInputError where it is of another session
   */
  public attach(handle: DetachedHandle): DetachedCommand {
    const { runtimeArn, sessionId, qualifier } = this;
    const isOurs = handle.runtimeArn === runtimeArn && handle.sessionId === sessionId && handle.qualifier === qualifier;
    check([
      ...(isOurs ? [] : [`the command runs in session ${handle.sessionId} of ${handle.runtimeArn} (${handle.qualifier}), not in ${sessionId} of ${runtimeArn} (${qualifier}); use AgentSession.of(handle).attach(handle)`]),
      ...(/^[A-Za-z0-9-]{1,128}$/.test(handle.token) ? [] : ['the handle has no valid token; use one that runDetached has given']),
    ]);
    return new SessionCommand(this.client, handle);
  }

  /**
   * Opens an interactive shell, or connects to one that is there.
   *
   * @throws InvalidInputError for an id of a shell, or a size, that is none
   */
  public async openShell(options: ShellOptions = {}): Promise<AgentShell> {
    return InteractiveShell.open(this.client, this.place, options);
  }

  /**
   * Invokes the agent. A payload other than bytes is sent as JSON.
   *
   * @returns its answer: a value where it says that it is JSON, else text; undefined where it is empty
   * @throws UnreadableAnswerError for JSON that is none
   */
  public async invoke<Answer = unknown>(payload: unknown, options: InvokeOptions = {}): Promise<Answer> {
    return answerValue(await this.answerTo(payload, options), this.calling(options));
  }

  /** Invokes the agent and gives the bytes of its answer as they come. */
  public async* invokeBytes(payload: unknown, options: InvokeOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    yield* answerBytes(await this.answerTo(payload, options), this.calling(options));
  }

  /** Invokes the agent and gives its answer as text, as it comes; server-sent events as they are written. */
  public async* invokeStream(payload: unknown, options: InvokeOptions = {}): AsyncGenerator<string, void, undefined> {
    yield* answerText(await this.answerTo(payload, options), this.calling(options));
  }

  /**
   * Stops the session and waits for it; what it wrote to session storage stays, and the next call starts it again.
   *
   * @returns false where it was not running
   */
  public async stop(options: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    return stopSession(this.client, this.place, options).catch((error) => {
      options.signal?.throwIfAborted();
      throw errorOf(error, `session ${this.sessionId} could not be stopped`);
    });
  }

  /** Closes the connections of this object; the session goes on. */
  public close(): void {
    this.client.destroy();
  }

  private get place() {
    const { runtimeArn, sessionId, qualifier } = this;
    return { runtimeArn, sessionId, qualifier };
  }

  private calling({ signal }: InvokeOptions) {
    return { signal, what: `the agent could not be invoked in session ${this.sessionId}` };
  }

  private async answerTo(payload: unknown, options: InvokeOptions): Promise<AgentAnswer> {
    options.signal?.throwIfAborted();
    const { contentType, accept, signal } = options;
    return invokeAgent(this.client, { ...this.place, payload: payloadOf(payload), contentType, accept }, { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw errorOf(error, this.calling(options).what);
    });
  }

  private async remember(command: CommandInput, run: () => Promise<CommandResult>): Promise<CommandResult> {
    const startedAt = new Date();
    const add = (end: Pick<HistoryEntry, 'result' | 'error'>) => {
      this.ran.push({ command, startedAt, endedAt: new Date(), ...end });
      if (this.ran.length > this.historyLimit) this.ran.shift();
    };
    try {
      const result = await run();
      add({ result: shortened(result, HISTORY.bytes) });
      return result;
    } catch (error) {
      add({ error });
      throw error;
    }
  }
}
