/**
 * The operations that the functions call, by what they call them for, as the table of permissions names them. The constructs
 * grant what these ask for.
 */

/** Notes that outlast one call: they stand in the function's own log group. */
export const LEDGER_OPERATIONS = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'] as const;

/** Finds a runtime that an interrupted call has created, also when nothing in the stack has a runtime any more. */
export const SEARCH_OPERATIONS = ['ListAgentRuntimes'] as const;

/** Takes a configuration to a runtime. */
export const CONFIGURATION_OPERATIONS = ['CreateAgentRuntime', 'UpdateAgentRuntime'] as const;

/** What is called for a runtime that is there. */
export const RUNTIME_OPERATIONS = [
  'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'ListTagsForResource', 'TagResource', 'UntagResource',
] as const;

/** Runs a command in a session. */
export const COMMAND_OPERATIONS = ['InvokeAgentRuntimeCommand', 'StopRuntimeSession'] as const;

/** Chooses the version that an endpoint is to be on. */
export const PROMOTION_OPERATIONS = ['GetAgentRuntime', 'GetAgentRuntimeEndpoint'] as const;

/** Watches what takes longer than one call. */
export const LONG_COMMAND_OPERATIONS = ['lambda:Invoke'] as const;
