import { ServiceFault } from './faults/service-faults';
import { LocalAgentCore, startLocalAgentCore } from './server';
import { createSessions, CreateSessionsOptions } from './sessions';

export interface StartLocalOptions extends Omit<CreateSessionsOptions, 'clock' | 'log'> {
  /** The port on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Where everything is kept that outlives the server; made if absent. */
  readonly stateDir: string;
  /** The region of requests that are not signed; us-east-1 unless told. */
  readonly region?: string;
  /** How long runtimes, endpoints and capacity providers take from one state to the next, in milliseconds; 0 unless told. */
  readonly transitionDelayMs?: number;
  /** Whether the calls of roles are judged; true unless set. */
  readonly iam?: boolean;
  /** How long a change of a role's policies takes until it counts, in seconds; 0 unless set. */
  readonly iamDelaySeconds?: number;
  /** What is to go wrong; see `loadFaultPlan`. */
  readonly faults?: readonly ServiceFault[];
  /** Takes a line about what the local AgentCore does or cannot do; standard error unless told. */
  readonly log?: (line: string) => void;
}

/** A running local AgentCore, and how its sessions are made. */
export interface RunningLocal extends LocalAgentCore {
  readonly driver: string;
  readonly driverNotes: readonly string[];
  readonly tokenizer: string;
}

/**
 * Starts the local AgentCore with real sessions.
 *
 * @throws Error where the port or the state directory is in use, or the driver does not work here
 */
export async function startLocal(options: StartLocalOptions): Promise<RunningLocal> {
  const { log = (line) => process.stderr.write(`${line}\n`) } = options;
  let described!: Pick<RunningLocal, 'driver' | 'driverNotes' | 'tokenizer'>;
  const server = await startLocalAgentCore({
    ...options,
    log,
    // only once the state directory is ours: making sessions ends those of an earlier server
    async sessions(clock) {
      const sessions = await createSessions({ ...options, clock, log });
      described = { driver: sessions.driver, driverNotes: sessions.driverNotes, tokenizer: sessions.tokenizer };
      return sessions;
    },
  });
  if (described.driver === 'process' && described.driverNotes.length > 0) {
    log(`sessions are plain processes of this machine (driver process): ${described.driverNotes.join('; ')}`);
  }
  return { ...server, ...described };
}
