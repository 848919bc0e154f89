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

/**
 * What managed session storage takes; none of it is adjustable. How many files its metadata is for is told as 100,000 to
 * 200,000.
 */
export const SESSION_STORAGE = {
  bytes: 1_000_000_000,
  files: 200_000,
  /** Directories below one another. */
  depth: 200,
  /** Of the name of a file, in bytes. */
  nameBytes: 255,
  /** Of the target of a symbolic link. */
  targetBytes: 4_095,
} as const;
