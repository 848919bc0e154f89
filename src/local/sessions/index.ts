import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Sessions } from './contract';
import { findEngine } from './docker/engine';
import { DriverName } from './driver';
import { chooseDriver } from './drivers/choose';
import { sweepStaleComputes } from './drivers/compute-records';
import { sweepStalePipes } from './drivers/pipes';
import { InTransitMode, SessionManager } from './session-manager';
import { STORAGE_QUOTA_MODES, StorageQuotaMode, StorageRules, strictnessNotes } from './storage-watch';
import { TokenizerMode } from './tokenizer';

export { TOKENIZER_MODES, type TokenizerMode } from './tokenizer';
export { type DriverName } from './driver';
export { IN_TRANSIT_MODES, type InTransitMode } from './session-manager';
export { STORAGE_QUOTA_MODES, type StorageQuotaMode };
export { DRIVER_NAMES } from './drivers/choose';

export interface CreateSessionsOptions {
  /** Where storage and logs are kept; made if absent. */
  readonly stateDir: string;
  /** The only isolation driver to use; the best that works here if absent. */
  readonly driver?: DriverName;
  /** @default 'strict' */
  readonly tokenizer?: TokenizerMode;
  /** @default 'report' */
  readonly storageQuota?: StorageQuotaMode;
  /** Whether to tell what the service's mount would refuse. @default false */
  readonly strictStorage?: boolean;
  /** @default 'wait' */
  readonly inTransit?: InTransitMode;
  readonly clock?: { /** Milliseconds since the epoch. */ now(): number };
  readonly log: (line: string) => void;
  /** How long an agent may take until it is healthy. @default 30 */
  readonly agentStartSeconds?: number;
}

/** How session storage is looked at, and what cannot be seen here. */
export interface StorageChecks extends StorageRules {
  readonly notes: readonly string[];
}

/** Sessions, with what a health check should tell about them. */
export interface LocalSessions extends Sessions {
  readonly driver: DriverName;
  /** Why better drivers do not work here. */
  readonly driverNotes: readonly string[];
  readonly tokenizer: TokenizerMode;
  /** Which engine runs container images, or why none does. */
  readonly containers: string;
  readonly storageChecks: StorageChecks;
}

/** The sessions of a local AgentCore; ends first what an earlier one on the same state directory has left running. */
export async function createSessions(options: CreateSessionsOptions): Promise<LocalSessions> {
  const { tokenizer = 'strict', inTransit = 'wait', storageQuota = 'report', strictStorage = false, log } = options;
  const stateDir = resolve(options.stateDir);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  for (const note of await sweepStaleComputes(stateDir)) log(note);
  sweepStalePipes();
  const engine = await findEngine();
  const { driver, notes } = await chooseDriver(stateDir, options.driver);
  const storageRules = { quota: storageQuota, strict: strictStorage };
  const storageNotes = strictStorage ? await strictnessNotes() : [];
  const manager = new SessionManager({
    stateDir,
    driver,
    tokenizer,
    now: () => (options.clock ?? Date).now(),
    log,
    inTransit,
    storageRules,
    engine,
    agentStartMilliseconds: (options.agentStartSeconds ?? 30) * 1000,
  });
  return Object.assign(manager, {
    driver: driver.name,
    driverNotes: notes,
    tokenizer,
    containers: engine.description,
    storageChecks: { ...storageRules, notes: storageNotes },
  });
}
