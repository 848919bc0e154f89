import { IncomingMessage } from 'node:http';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand } from '@aws-sdk/client-bedrock-agentcore';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { WebSocket } from 'ws';
import { SESSION_ID_HEADER } from '../../service/protocol';
import { SHELL_LIMITS, shellPath } from '../../service/shell';
import { tunnelTo } from '../proxy';
import { ProxyError } from '../proxy/error';
import { signed } from '../sign';

/** Which shell is meant. */
export interface ShellPlace {
  readonly runtimeArn: string;
  readonly sessionId: string;
  readonly qualifier: string;
  readonly shellId: string;
}

/** How long the service may take to agree on a WebSocket: as long as a session may take to start. */
const HANDSHAKE_MILLIS = 120_000;

/** How much of an answer that is an error is read, in bytes. */
const ANSWER_BYTES = 4_096;

/**
 * Opens the WebSocket of a shell, signed for this one connection. It is paused: nothing is lost that comes before somebody listens.
 *
 * @throws the service's error as the SDK would tell it, or that of the network
 */
export async function openShellSocket(client: BedrockAgentCoreClient, place: ShellPlace, signal?: AbortSignal): Promise<WebSocket> {
  const { runtimeArn, sessionId, qualifier, shellId } = place;
  const { url: endpoint } = await getEndpointFromInstructions(
    { agentRuntimeArn: runtimeArn }, InvokeAgentRuntimeCommandCommand as never, client.config as never,
  );
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/$/, '') + shellPath(runtimeArn);
  url.search = new URLSearchParams({ qualifier, shellId }).toString();
  const { headers } = await signed(client, 'bedrock-agentcore', { method: 'GET', url, headers: { [SESSION_ID_HEADER]: sessionId } });
  signal?.throwIfAborted();
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  const socket = new WebSocket(url, {
    headers,
    agent: tunnelTo(url),
    handshakeTimeout: HANDSHAKE_MILLIS,
    perMessageDeflate: false,
    maxPayload: SHELL_LIMITS.frameBytes * 4,
  });
  return opened(socket, signal);
}

async function opened(socket: WebSocket, signal?: AbortSignal): Promise<WebSocket> {
  let giveUp!: () => void;
  try {
    return await new Promise<WebSocket>((resolve, reject) => {
      giveUp = () => {
        reject(signal!.reason);
        socket.terminate();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      socket.once('upgrade', () => {
        socket.once('open', () => {
          socket.pause();
          resolve(socket);
        });
      });
      socket.once('unexpected-response', (_, response: IncomingMessage) => {
        void errorOfAnswer(response).then(reject).finally(() => socket.terminate());
      });
      // also what comes later, when somebody else listens for the close that follows
      socket.on('error', (error: NodeJS.ErrnoException) => reject(error instanceof ProxyError ? error : Object.assign(new Error(error.message, { cause: error }), { code: error.code ?? 'EPROTO' })));
    });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** The service's error in the form in which the SDK has those of its operations. */
async function errorOfAnswer(response: IncomingMessage): Promise<Error> {
  const { statusCode, headers } = response;
  const text = await beginningOf(response).catch(() => '');
  const type = String(headers['x-amzn-errortype'] ?? 'UnknownError').replace(/:.*$/, '');
  return Object.assign(new Error(messageIn(text) || `HTTP status ${statusCode}`), {
    name: type,
    $metadata: { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
  });
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, ANSWER_BYTES);
}

function messageIn(text: string): string {
  try {
    const { message, Message } = JSON.parse(text);
    return String(message ?? Message ?? '');
  } catch {
    return text.replace(/\s+/g, ' ').trim();
  }
}
