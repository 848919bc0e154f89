import { randomUUID } from 'node:crypto';
import { WebSocket, WebSocketServer } from 'ws';
import { DataPlaneContext } from './operations';
import { ShellConnection } from './shell-connection';
import { TargetInput } from './target';
import { SESSION_ID_HEADER } from '../../../service/protocol';
import { validateSessionId } from '../../../service/session-id';
import { runtimeOfShellPath, SHELL_ID_HEADER, SHELL_LIMITS, SHELL_OPERATION } from '../../../service/shell';
import { FaultedCall } from '../faults/fault-layer';
import { fieldValidationFailed, HttpError } from '../http-error';
import { Exchange } from '../http-server';
import { decode } from '../router';

interface ShellInput extends TargetInput {
  readonly runtimeSessionId?: string;
  readonly shellId?: string;
}

interface ShellCall extends FaultedCall {
  readonly input: ShellInput;
}

/** What a request for a shell asks for; undefined where it is none. */
export function shellCallOf({ request, rawPath, query }: Exchange): ShellCall | undefined {
  const runtime = runtimeOfShellPath(rawPath);
  if (runtime === undefined) return undefined;
  const given = (name: string) => query.get(name) ?? undefined;
  // a presigned URL carries in its query what would be a header
  const signed = [...query].find(([name]) => name.toLowerCase() === SESSION_ID_HEADER)?.[1];
  const runtimeSessionId = request.headers[SESSION_ID_HEADER] as string | undefined ?? signed;
  return {
    operation: SHELL_OPERATION,
    input: { agentRuntimeArn: decode(runtime), qualifier: given('qualifier'), accountId: given('accountId'), shellId: given('shellId'), runtimeSessionId },
  };
}

/** InvokeAgentRuntimeCommandShell: connects a WebSocket to a shell of a session; the shell outlasts the connection. */
export async function invokeAgentRuntimeCommandShell({ targets, sessions }: DataPlaneContext, input: ShellInput, exchange: Exchange): Promise<void> {
  const { runtimeSessionId: sessionId = randomUUID(), shellId = randomUUID() } = input;
  if (exchange.upgradeHead === undefined) {
    throw new HttpError(426, 'UpgradeRequiredException', 'shells are served by WebSocket only', { upgrade: 'websocket', connection: 'upgrade' });
  }
  const faults = validateSessionId(sessionId);
  if (faults.length > 0) throw fieldValidationFailed(faults.map((message) => ({ path: 'runtimeSessionId', message })));
  const { runtimeId, endpointName, spec } = await targets.resolve(input);
  const shell = await sessions.openShell({ runtimeId, endpointName, sessionId }, spec, shellId);
  const socket = await accept(exchange, { [SESSION_ID_HEADER]: sessionId, [SHELL_ID_HEADER]: shellId, 'x-amzn-requestid': exchange.requestId });
  if (socket) await new ShellConnection(socket, shell, shellId).closed;
  else if (shell.isForgotten) shell.kill();
}

/** Agrees on going on by WebSocket; undefined where the client does not come along, which then was answered. */
async function accept({ request, response, upgradeHead }: Exchange, headers: Readonly<Record<string, string>>): Promise<WebSocket | undefined> {
  const { socket } = request;
  if (socket.destroyed) return undefined;
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: SHELL_LIMITS.frameBytes });
  server.on('headers', (lines) => lines.push(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)));
  response.detachSocket(socket);
  return new Promise((resolve) => {
    socket.once('close', () => resolve(undefined));
    server.handleUpgrade(request, socket, upgradeHead!, resolve);
  });
}
