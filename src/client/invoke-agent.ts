import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { Clock, SYSTEM_CLOCK } from './clock';
import { retry } from './retry';
import { DEFAULT_ENDPOINT } from '../service/names';

export interface InvokeAgentRequest {
  readonly runtimeArn: string;
  readonly sessionId: string;
  readonly payload: Uint8Array;
  /** @default DEFAULT */
  readonly qualifier?: string;
  /** @default application/json */
  readonly contentType?: string;
  readonly accept?: string;
}

export interface InvokeAgentOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** An agent's answer, unread. */
export interface AgentAnswer {
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly requestId?: string;
}

/** Errors that come before the agent has seen the call; whatever else went wrong, it may have worked already. */
const BEFORE_THE_AGENT: ReadonlySet<string> = new Set(['ThrottlingException', 'RetryableConflictException', 'ConflictException', 'ServiceUnavailableException']);

/** Hands a payload to the agent of a session; calls again only where the agent has not seen it. */
export async function invokeAgent(
  client: BedrockAgentCoreClient, request: InvokeAgentRequest, options: InvokeAgentOptions = {},
): Promise<AgentAnswer> {
  const call = () => client.send(new InvokeAgentRuntimeCommand({
    agentRuntimeArn: request.runtimeArn,
    qualifier: request.qualifier ?? DEFAULT_ENDPOINT,
    runtimeSessionId: request.sessionId,
    contentType: request.contentType ?? 'application/json',
    accept: request.accept,
    payload: request.payload,
  }), { abortSignal: options.signal });
  const { response, contentType, $metadata } = await retry(call, {
    clock: options.clock ?? SYSTEM_CLOCK,
    retryable: (error) => error instanceof Error && BEFORE_THE_AGENT.has(error.name),
    attempts: 8,
    firstPauseMillis: 500,
    longestPauseMillis: 8_000,
    signal: options.signal,
  });
  return { contentType: contentType ?? 'application/octet-stream', body: response as unknown as AsyncIterable<Uint8Array>, requestId: $metadata.requestId };
}
