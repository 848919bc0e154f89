import { BedrockAgentCoreClient, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { Clock, SYSTEM_CLOCK } from './clock';
import { retry } from './retry';
import { isRetryable } from '../service/errors';
import { DEFAULT_ENDPOINT } from '../service/names';

export interface StopSessionRequest {
  readonly runtimeArn: string;
  readonly sessionId: string;
  /** @default DEFAULT */
  readonly qualifier?: string;
}

/**
 * Stops a session; what it wrote to session storage stays.
 *
 * @returns false where no such session was running
 */
export async function stopSession(
  client: BedrockAgentCoreClient,
  request: StopSessionRequest,
  options: { readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const call = new StopRuntimeSessionCommand({
    agentRuntimeArn: request.runtimeArn,
    runtimeSessionId: request.sessionId,
    qualifier: request.qualifier ?? DEFAULT_ENDPOINT,
  });
  try {
    await retry(() => client.send(call, { abortSignal: options.signal }), {
      clock: options.clock ?? SYSTEM_CLOCK,
      retryable: (error) => error instanceof Error && isRetryable(error.name),
      attempts: 5,
      firstPauseMillis: 500,
      longestPauseMillis: 4_000,
      signal: options.signal,
    });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}
