import { FleetLimits, ItemCosts, simulate, Simulation } from './simulate';
import { Quota, quotaIn, FLEET_QUOTAS } from '../../src/service/quotas';
import { POLLING } from '../../src/workflow/task-retries';
import { WAIT_SECONDS } from '../../src/workflow-handler/run-command';
import { SeededRandom } from '../../test/util/random';

export const SESSIONS = 100_000;

/** Of the machine of a session and of its end, as others have measured them, in seconds. */
export const MEASURED = { begin: 0.1, start: 2, stop: 11 } as const;

/** How far a command may be from the typical one: half of them are within a factor of this. */
export const SPREAD = 1.5;

/** The longest command, in seconds. */
const LONGEST = 3_600;

export type Quotas = Partial<Record<keyof typeof FLEET_QUOTAS, number>>;

/** A fleet, and where it runs. */
export interface Scenario {
  readonly region: string;
  /** How long the typical command takes, in seconds. */
  readonly typical: number;
  /** Where AWS has raised a quota. */
  readonly raised?: Quotas;
  readonly sessions?: number;
}

export interface Outcome extends Pick<Simulation, 'seconds' | 'peak' | 'ended'> {
  readonly scenario: Scenario;
  readonly maxConcurrency: number;
  /** The quota of which the most was used. */
  readonly binding: Quota;
  /** How much of it: 0 to 1. */
  readonly share: number;
}

/** Which limit of the simulation is which quota. */
const LIMITS = {
  newSessionsPerSecond: 'newSessions',
  activeSessions: 'activeSessions',
  sessionCallsPerSecond: 'sessionCalls',
  functionsAtOnce: 'functionsAtOnce',
  transitionsPerSecond: 'stateTransitions',
} as const satisfies Readonly<Record<keyof FleetLimits, keyof typeof FLEET_QUOTAS>>;

/** Simulates a fleet that uses the quotas of its region to the full. */
export function outcomeOf(scenario: Scenario): Outcome {
  const { region, typical, raised = {}, sessions = SESSIONS } = scenario;
  const quota = (name: keyof typeof FLEET_QUOTAS) => raised[name] ?? quotaIn(FLEET_QUOTAS[name], region);
  const limits = Object.fromEntries(Object.entries(LIMITS).map(([limit, name]) => [limit, quota(name)])) as unknown as FleetLimits;
  const maxConcurrency = Math.min(quota('activeSessions'), quota('mapConcurrency'));
  const simulation = simulate({ commands: durations(sessions, typical), limits, maxConcurrency, startsPerSecond: limits.newSessionsPerSecond, costs: COSTS });
  const { used: { maxConcurrency: places, ...used }, starts, ...rest } = simulation;
  // the Map counts where it allows less than AgentCore; else its places are held by items that wait for their turn
  const shares = { ...used, ...maxConcurrency < limits.activeSessions ? { mapConcurrency: places } : {} };
  const [[limit, share]] = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const binding = FLEET_QUOTAS[limit === 'mapConcurrency' ? limit : LIMITS[limit as keyof FleetLimits]];
  return { ...rest, scenario, maxConcurrency, binding, share };
}

/** The calls of `AgentCoreRunCommand`: the same times as the function and the state have. */
export const COSTS: ItemCosts = {
  ...MEASURED,
  listening: WAIT_SECONDS,
  pause: (call) => Math.min(POLLING.interval!.toSeconds() * POLLING.backoffRate! ** call, POLLING.maxDelay!.toSeconds()),
};

/** How long commands take: the same for the same typical time, spread evenly by factors, from a third of them within a little to few far off. */
function durations(count: number, typical: number): Float64Array {
  const random = new SeededRandom(1);
  // half of a normal distribution is within 0.6745 of its standard deviation
  const sigma = Math.log(SPREAD) / 0.6745;
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    return Math.min(LONGEST, typical * Math.exp(sigma * normal));
  });
}
