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

/** A limit on how much goes on at once, or on how often something is begun. */
export interface Quota {
  readonly name: string;
  readonly value: number;
  /** Where it is another one. */
  readonly inRegions?: Readonly<Record<string, number>>;
  readonly unit: string;
  /** Whether AWS raises it on request. */
  readonly adjustable: boolean;
  /** The page that tells it. */
  readonly source: string;
}

const AGENTCORE_LIMITS = 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html';
const STEP_FUNCTIONS_LIMITS = 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html';
const LAMBDA_LIMITS = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';

/** What many sessions at once come up against: each for an account and a region, all that runs there together. */
export const FLEET_QUOTAS = {
  activeSessions: {
    name: 'active sessions',
    value: 2_500,
    inRegions: { 'us-east-1': 5_000, 'us-west-2': 5_000 },
    unit: 'sessions at once',
    adjustable: true,
    source: AGENTCORE_LIMITS,
  },
  newSessions: { name: 'new sessions', value: 25, unit: 'sessions a second', adjustable: true, source: AGENTCORE_LIMITS },
  /** Of invocations, commands, shells, WebSockets and stops together. */
  sessionCalls: { name: 'calls for sessions', value: 1_000, unit: 'calls a second', adjustable: true, source: AGENTCORE_LIMITS },
  functionsAtOnce: { name: 'functions at once', value: 1_000, unit: 'invocations of Lambda at once', adjustable: true, source: LAMBDA_LIMITS },
  /** Of one Distributed Map. */
  mapConcurrency: { name: 'concurrency of a Distributed Map', value: 10_000, unit: 'child executions at once', adjustable: false, source: STEP_FUNCTIONS_LIMITS },
  /** Of standard executions; what it may burst to is as much. */
  stateTransitions: {
    name: 'state transitions',
    value: 800,
    inRegions: { 'us-east-1': 5_000, 'us-west-2': 5_000, 'eu-west-1': 5_000 },
    unit: 'transitions a second',
    adjustable: true,
    source: STEP_FUNCTIONS_LIMITS,
  },
} as const satisfies Readonly<Record<string, Quota>>;

/** A quota in a region; where that is not known yet, the most that it is in any. */
export function quotaIn(quota: Quota, region?: string): number {
  const { value, inRegions = {} } = quota;
  return region === undefined ? Math.max(value, ...Object.values(inRegions)) : inRegions[region] ?? value;
}
