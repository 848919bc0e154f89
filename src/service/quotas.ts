/**
 * How much of each thing an account may have, unless AWS raised it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
 */
export const QUOTAS = {
  runtimes: 1_000,
  versionsPerRuntime: 1_000,
  /** Besides DEFAULT. */
  endpointsPerRuntime: 10,
  capacityProviders: 1_000,
} as const;

/** How large a payload for an agent may be, in bytes. */
export const PAYLOAD_BYTES = 100_000_000;

/** The most that one event of a command's stream may hold, in bytes. */
export const COMMAND_EVENT_BYTES = 64 * 1024;

/** How large the code of an agent may be, in bytes: as a zip file, and unpacked. */
export const CODE_BYTES = { zip: 250 * 1024 * 1024, unpacked: 750 * 1024 * 1024 } as const;

/** The most that the stream of one command may hold in all, in bytes. */
export const COMMAND_STREAM_BYTES = 100_000_000;
