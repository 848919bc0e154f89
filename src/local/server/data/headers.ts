import { randomUUID } from 'node:crypto';
import { IncomingHttpHeaders } from 'node:http';
import { ServerProtocol, SESSION_ID_HEADER } from '../../../service/protocol';
import { validateSessionId } from '../../../service/session-id';

const REQUEST_ID_HEADER = 'x-amzn-bedrock-agentcore-runtime-request-id';
const CUSTOM_PREFIX = 'x-amzn-bedrock-agentcore-runtime-custom-';

const TRACE = ['x-amzn-trace-id', 'traceparent', 'tracestate', 'baggage'];
const TO_AGENT = [...TRACE, 'content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];
const FROM_AGENT = ['content-type', 'mcp-session-id', 'mcp-protocol-version'];

/** The trace headers of a request, which its response repeats. */
export function traceHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return pick(headers, TRACE);
}

/** The session that a call goes to, by what its client says. */
export interface CallSession {
  readonly sessionId: string;
  readonly protocol: ServerProtocol;
}

/**
 * The session that a call names: a client of MCP may name it as its protocol does.
 *
 * @param givenBy the session whose agent has given an id of its own making, which may look like one of the service
 */
export function sessionOf(
  { runtimeSessionId, mcpSessionId }: { readonly runtimeSessionId?: string; readonly mcpSessionId?: string }, protocol: ServerProtocol,
  givenBy: (mcpSessionId: string) => string | undefined,
): CallSession {
  const byProtocol = (id: string) => givenBy(id) ?? (validateSessionId(id).length === 0 ? id : undefined);
  const named = protocol === 'MCP' && mcpSessionId !== undefined ? byProtocol(mcpSessionId) : undefined;
  return { sessionId: named ?? runtimeSessionId ?? randomUUID(), protocol };
}

/**
 * The headers of a call that its agent sees: those that the service knows, custom ones, and those that the runtime allows.
 *
 * @param allowed names in the runtime's allowlist, in any case
 */
export function headersToAgent(
  headers: IncomingHttpHeaders, session: CallSession, requestId: string, allowed: readonly string[] = [],
): IncomingHttpHeaders {
  const custom = Object.keys(headers).filter((name) => name.startsWith(CUSTOM_PREFIX));
  return {
    ...mcpHeaders(session),
    ...pick(headers, [...TO_AGENT, ...custom, ...allowed.map((name) => name.toLowerCase())]),
    [SESSION_ID_HEADER]: session.sessionId,
    [REQUEST_ID_HEADER]: requestId,
  };
}

/** The headers of an agent's response that its caller sees. */
export function headersFromAgent(headers: IncomingHttpHeaders, session: CallSession): Record<string, string> {
  return { 'content-type': 'application/octet-stream', ...mcpHeaders(session), ...pick(headers, FROM_AGENT), [SESSION_ID_HEADER]: session.sessionId };
}

/** What the service adds where client and agent say nothing themselves. */
function mcpHeaders({ sessionId, protocol }: CallSession): Record<string, string> {
  return protocol === 'MCP' ? { 'mcp-session-id': sessionId } : {};
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  }));
}
