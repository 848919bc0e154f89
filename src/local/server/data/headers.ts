import { IncomingHttpHeaders } from 'node:http';
import { SESSION_ID_HEADER } from '../../../service/protocol';

const REQUEST_ID_HEADER = 'x-amzn-bedrock-agentcore-runtime-request-id';
const CUSTOM_PREFIX = 'x-amzn-bedrock-agentcore-runtime-custom-';

const TRACE = ['x-amzn-trace-id', 'traceparent', 'tracestate', 'baggage'];
const TO_AGENT = [...TRACE, 'content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];
const FROM_AGENT = ['content-type', 'mcp-session-id', 'mcp-protocol-version'];

/** The trace headers of a request, which its response repeats. */
export function traceHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return pick(headers, TRACE);
}

/**
 * The headers of a call that its agent sees: those that the service knows, custom ones, and those that the runtime allows.
 *
 * @param allowed names in the runtime's allowlist, in any case
 */
export function headersToAgent(
  headers: IncomingHttpHeaders, sessionId: string, requestId: string, allowed: readonly string[] = [],
): IncomingHttpHeaders {
  const custom = Object.keys(headers).filter((name) => name.startsWith(CUSTOM_PREFIX));
  return {
    ...pick(headers, [...TO_AGENT, ...custom, ...allowed.map((name) => name.toLowerCase())]),
    [SESSION_ID_HEADER]: sessionId,
    [REQUEST_ID_HEADER]: requestId,
  };
}

/** The headers of an agent's response that its caller sees. */
export function headersFromAgent(headers: IncomingHttpHeaders): Record<string, string> {
  return { 'content-type': 'application/octet-stream', ...pick(headers, FROM_AGENT) };
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  }));
}
