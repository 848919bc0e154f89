import { randomUUID } from 'node:crypto';
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { COMMAND_TIMEOUT_SECONDS, validateCommandText, validateCommandTimeout } from '../../../service/command';
import { SESSION_ID_HEADER } from '../../../service/protocol';
import { CommandHistory } from '../../page/command-history';
import { ServiceError } from '../../service-error';
import { Sessions } from '../../sessions/contract';
import { Log } from '../clock';
import { StreamFault } from '../faults/stream-fault';
import { fieldValidationFailed } from '../http-error';
import { Exchange, sendJson } from '../http-server';
import { CommandStream } from './command-stream';
import { headersFromAgent, headersToAgent, sessionOf, traceHeaders } from './headers';
import { McpSessionIds } from './mcp-session-ids';
import { TargetInput, Targets } from './target';

/** How much of an agent's error is told, in bytes. */
const MAX_ERROR_BYTES = 2_000;

/** What the operations of the data plane work with. */
export interface DataPlaneContext {
  readonly targets: Targets;
  readonly sessions: Sessions;
  readonly history: CommandHistory;
  readonly mcpSessionIds: McpSessionIds;
  readonly log: Log;
  /** What goes wrong with the stream of this call's command, where a fault plan says so. */
  readonly streamFault?: StreamFault;
}

interface CallInput extends TargetInput {
  readonly runtimeSessionId?: string;
}

/** InvokeAgentRuntimeCommand: answers with an event stream while the command runs; a client that goes away ends the command. */
export async function invokeAgentRuntimeCommand(
  { targets, sessions, history, log, streamFault }: DataPlaneContext,
  input: CallInput & { readonly body: { readonly command: string; readonly timeout?: number } },
  { request, response, requestId }: Exchange,
): Promise<void> {
  const { command, timeout = COMMAND_TIMEOUT_SECONDS.default } = input.body;
  const wrong = [
    ...validateCommandText(command).map((message) => ({ path: 'body.command', message })),
    ...validateCommandTimeout(timeout).map((message) => ({ path: 'body.timeout', message })),
  ];
  if (wrong.length > 0) throw fieldValidationFailed(wrong);
  const { runtimeId, endpointName, spec } = await targets.resolve(input);
  const sessionId = input.runtimeSessionId ?? randomUUID();
  const stream = new CommandStream(response, { ...traceHeaders(request.headers), [SESSION_ID_HEADER]: sessionId }, streamFault);
  const gone = new AbortController();
  response.once('close', () => {
    if (!stream.abandoned) gone.abort();
  });
  if (response.destroyed) return;
  try {
    const key = { runtimeId, endpointName, sessionId };
    const end = await history.record(key, command, stream, async (sink) => (
      sessions.run(key, spec, { command, timeoutSeconds: timeout }, sink, gone.signal)));
    await stream.stop(end);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!stream.started) throw error;
    if (!(error instanceof ServiceError)) log(`request ${requestId} InvokeAgentRuntimeCommand failed: ${error instanceof Error ? error.stack : String(error)}`);
    stream.fail(error, requestId);
  }
}

/** InvokeAgentRuntime: hands the payload to the agent and its answer back, as it comes. */
export async function invokeAgentRuntime(
  { targets, sessions, mcpSessionIds }: DataPlaneContext,
  input: CallInput & { readonly payload: Buffer; readonly mcpSessionId?: string },
  { request, response, requestId }: Exchange,
): Promise<void> {
  const { runtimeId, endpointName, spec, configuration } = await targets.resolve(input);
  const session = sessionOf(input, spec.protocol, (id) => mcpSessionIds.find({ runtimeId, endpointName }, id));
  const { requestHeaderAllowlist } = configuration.requestHeaderConfiguration ?? {};
  const key = { runtimeId, endpointName, sessionId: session.sessionId };
  const answering = sessions.invoke(key, spec, {
    headers: headersToAgent(request.headers, session, requestId, requestHeaderAllowlist),
    body: input.payload,
  });
  const answer = await unlessClosed(response, answering);
  if (!answer) {
    answering.then(({ body }) => body.destroy(), () => undefined);
    return;
  }
  const given = answer.headers['mcp-session-id'];
  if (session.protocol === 'MCP' && typeof given === 'string' && given !== session.sessionId) mcpSessionIds.note(key, given);
  if (answer.status >= 400) throw await agentError(answer.status, answer.body);
  response.writeHead(answer.status, { ...traceHeaders(request.headers), ...headersFromAgent(answer.headers, session) });
  response.flushHeaders();
  await pipeline(answer.body, response);
}

/** StopRuntimeSession. */
export async function stopRuntimeSession(
  { targets, sessions }: DataPlaneContext, input: CallInput & { readonly runtimeSessionId: string }, { response }: Exchange,
): Promise<void> {
  const sessionId = input.runtimeSessionId;
  await sessions.stop({ ...targets.locate(input), sessionId });
  response.setHeader(SESSION_ID_HEADER, sessionId);
  sendJson(response, 200, {});
}

/** DeleteCapacityProviderSession: there are no instances here, and so no sessions on any. */
export async function deleteCapacityProviderSession(
  { targets }: DataPlaneContext, { capacityProviderId, sessionId }: { readonly capacityProviderId: string; readonly sessionId: string },
): Promise<void> {
  targets.requireCapacityProvider(capacityProviderId);
  throw new ServiceError('ResourceNotFoundException', `capacity provider ${capacityProviderId} has no session ${sessionId}; the local AgentCore launches no instances`);
}

/** What a promise resolves to; undefined if the client goes away before, for the agent may take for ever. */
async function unlessClosed<T>(response: ServerResponse, promise: Promise<T>): Promise<T | undefined> {
  let onClose!: () => void;
  const closed = new Promise<undefined>((resolve) => { onClose = () => resolve(undefined); });
  response.once('close', onClose);
  try {
    return await Promise.race([promise, closed]);
  } finally {
    response.off('close', onClose);
  }
}

async function agentError(status: number, body: Readable): Promise<ServiceError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer | string>) {
    chunks.push(Buffer.from(chunk as Buffer));
    size += chunk.length;
    if (size >= MAX_ERROR_BYTES) break;
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES).toString('utf8').trim();
  return new ServiceError('RuntimeClientError', `received error (${status}) from runtime${text ? `: ${text}` : ' with an empty body'}`);
}
