import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CustomResourceEvent } from './event';
import { signedCall } from './signed-call';
import { SYSTEM_CLOCK } from '../client/clock';
import { retry } from '../client/retry';

/**
 * Has the function called again, without waiting for what it does; a chain of such calls outlasts the time of one.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeItself(client: BedrockAgentCoreClient, event: CustomResourceEvent, signal: AbortSignal): Promise<void> {
  const name = encodeURIComponent(process.env.AWS_LAMBDA_FUNCTION_NAME!);
  await retry(() => signedCall(client, {
    service: 'lambda',
    endpointVariable: 'AWS_ENDPOINT_URL_LAMBDA',
    path: `/2015-03-31/functions/${name}/invocations`,
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' },
    body: event,
    signal,
  }), { clock: SYSTEM_CLOCK, retryable: () => true, attempts: 4, firstPauseMillis: 250, longestPauseMillis: 2_000, signal });
}
