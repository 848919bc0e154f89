/** What an agent speaks, and so where it listens and what it answers on. */
export type ServerProtocol = 'HTTP' | 'MCP' | 'A2A' | 'AGUI';

interface ProtocolContract {
  readonly port: number;
  /** Where invocations are posted to. */
  readonly invocationPath: string;
  /** Answers with 200 once the agent can work; absent where only the port tells. */
  readonly healthPath?: string;
}

/**
 * The contract between the service and an agent.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-service-contract.html
 */
export const PROTOCOL_CONTRACT: Readonly<Record<ServerProtocol, ProtocolContract>> = {
  HTTP: { port: 8080, invocationPath: '/invocations', healthPath: '/ping' },
  AGUI: { port: 8080, invocationPath: '/invocations', healthPath: '/ping' },
  MCP: { port: 8000, invocationPath: '/mcp' },
  A2A: { port: 9000, invocationPath: '/', healthPath: '/ping' },
};

/** The header that carries the session id to the agent, in lower case. */
export const SESSION_ID_HEADER = 'x-amzn-bedrock-agentcore-runtime-session-id';
