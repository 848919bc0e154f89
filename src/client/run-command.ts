import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand, InvokeAgentRuntimeCommandStreamOutput } from '@aws-sdk/client-bedrock-agentcore';
import { Clock, SYSTEM_CLOCK } from './clock';
import { CommandNotStartedError, CommandOutcomeUnknownError, describeError } from './errors';
import { OutputTail } from './output-tail';
import { retry, UNTIL_STARTED } from './retry';
import { StreamConnection } from './stream-connection';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { isColdStart, isRetryable, isServiceError } from '../service/errors';
import { DEFAULT_ENDPOINT } from '../service/names';
import { CommandStatus } from '../service/status';

export interface RunCommandRequest {
  readonly runtimeArn: string;
  readonly sessionId: string;
  /** The text to send; see `composeCommandLine`. */
  readonly command: string;
  /** @default DEFAULT */
  readonly qualifier?: string;
  /** @default 300 */
  readonly timeoutSeconds?: number;
}

export interface RunCommandOptions {
  readonly onStdout?: (text: string) => void | Promise<void>;
  readonly onStderr?: (text: string) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** How many characters of each stream the result keeps, from the end. @default 65536 */
  readonly keepCharacters?: number;
  readonly clock?: Clock;
  readonly onRetry?: (error: unknown, attempt: number) => void;
  /** Takes the id of the request once the service has begun to answer it with the command's output. */
  readonly onAnswer?: (requestId: string | undefined) => void;
  /** What else, besides what the service calls retryable, is worth another call; it proves that nothing has started. */
  readonly alsoRetry?: (error: unknown) => boolean;
  /** When the caller stops listening, in milliseconds since the epoch: the service is told to end the command by then. */
  readonly deadline?: number;
}

/** How a command ended; an exit code other than 0 is data, not an error. */
export interface CommandResult {
  /** -1 where the platform, not the command, ended it. */
  readonly exitCode: number;
  readonly status: CommandStatus;
  /** The end of what it wrote. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether stdout or stderr lacks its beginning. */
  readonly truncated: boolean;
  readonly sessionId: string;
  readonly durationMillis: number;
  /** The time-out that counted, in seconds, where the time of the caller left less than was asked for. */
  readonly timeoutSeconds?: number;
}

/**
 * Runs one command in a session and reads its output as it comes.
 *
 * Calls again only as long as the service has answered with an error before the first byte of output, which says that
 * nothing has started. The client must not retry on its own (`maxAttempts: 1`): it would also do so after a lost
 * connection, when the command may be running.
 *
 * @throws CommandNotStartedError when the service refused the command
 * @throws CommandOutcomeUnknownError when the command may have started and its result did not arrive
 */
export async function runCommand(
  client: BedrockAgentCoreClient,
  request: RunCommandRequest,
  options: RunCommandOptions = {},
): Promise<CommandResult> {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const startedAt = clock.now();
  const stdout = new OutputTail(options.keepCharacters ?? 65_536);
  const stderr = new OutputTail(options.keepCharacters ?? 65_536);
  const unknown = (why: string, cause?: unknown) => new CommandOutcomeUnknownError(
    request.sessionId, { stdout: stdout.text, stderr: stderr.text }, why, cause,
  );

  const connection = new StreamConnection(options.signal);
  const { stream, timeoutSeconds } = await startCommand(client, request, { ...options, signal: connection.signal }, clock).catch((error: unknown) => {
    connection.end();
    throw mayHaveStarted(error) ? unknown(`the connection was lost before the service answered (${describeError(error)})`, error)
      : new CommandNotStartedError(request.sessionId, error);
  });

  try {
    for await (const event of connection.read(stream, ({ chunk }) => chunk?.contentStop !== undefined)) {
      const { contentDelta, contentStop } = event.chunk ?? {};
      if (contentDelta?.stdout) {
        stdout.append(contentDelta.stdout);
        const told = options.onStdout?.(contentDelta.stdout);
        // not where there is nothing to wait for: each piece of long output would pay for it
        if (told) await told;
      }
      if (contentDelta?.stderr) {
        stderr.append(contentDelta.stderr);
        const told = options.onStderr?.(contentDelta.stderr);
        if (told) await told;
      }
      if (contentStop) {
        return {
          exitCode: contentStop.exitCode!,
          status: contentStop.status as CommandStatus,
          stdout: stdout.text,
          stderr: stderr.text,
          truncated: stdout.truncated || stderr.truncated,
          sessionId: request.sessionId,
          durationMillis: clock.now() - startedAt,
          ...(timeoutSeconds < (request.timeoutSeconds ?? COMMAND_TIMEOUT_SECONDS.default) ? { timeoutSeconds } : {}),
        };
      }
      const failure = event.chunk ? undefined : modelledError(event);
      if (failure) throw failure;
    }
  } catch (error) {
    throw unknown(`its output broke off (${describeError(error)})`, error);
  }
  throw unknown('its output ended without a result');
}

async function startCommand(
  client: BedrockAgentCoreClient,
  request: RunCommandRequest,
  options: RunCommandOptions,
  clock: Clock,
): Promise<{ readonly stream: AsyncIterable<InvokeAgentRuntimeCommandStreamOutput>; readonly timeoutSeconds: number }> {
  const { timeoutSeconds: wanted = COMMAND_TIMEOUT_SECONDS.default } = request;
  const timeLeft = () => (options.deadline === undefined ? wanted : Math.floor((options.deadline - clock.now()) / 1_000));
  return retry(async () => {
    const timeoutSeconds = Math.max(1, Math.min(wanted, timeLeft()));
    const { stream, $metadata } = await client.send(new InvokeAgentRuntimeCommandCommand({
      agentRuntimeArn: request.runtimeArn,
      qualifier: request.qualifier ?? DEFAULT_ENDPOINT,
      runtimeSessionId: request.sessionId,
      body: { command: request.command, timeout: timeoutSeconds },
    }), { abortSignal: options.signal });
    options.onAnswer?.($metadata.requestId);
    return { stream: stream!, timeoutSeconds };
  }, {
    clock,
    retryable: (error) => isRetryable(errorName(error)) || isColdStart(errorName(error)) || (options.alsoRetry?.(error) ?? false),
    ...UNTIL_STARTED,
    signal: options.signal,
    onRetry: options.onRetry,
  });
}

/** The SDK throws modelled errors of a stream; where it yields them instead, they are members beside `chunk`. */
function modelledError(event: InvokeAgentRuntimeCommandStreamOutput): Error | undefined {
  return Object.values(event).find((member): member is Error => member instanceof Error);
}

/** Errors of a connection that was never made; the SDK may have wrapped them, message and all. */
const NEVER_SENT = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CredentialsProviderError|ProxyError)\b/;

/**
 * An error of the service proves that nothing started, and so does a call that was never sent. An answer such as 502 or 504
 * may be that of something in between, which has handed the call on.
 */
function mayHaveStarted(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return !NEVER_SENT.test(describeError(error));
  return status >= 500 && !isServiceError(errorName(error));
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
