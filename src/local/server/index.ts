import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ServiceFaultBook } from '../faults/service-fault-book';
import { ServiceFault } from '../faults/service-faults';
import { DEFAULT_REGION, LOCAL_ACCOUNT } from '../identity';
import { CommandHistory } from '../page/command-history';
import { StoredSessions } from '../page/stored-sessions';
import { SessionInfo, Sessions } from '../sessions/contract';
import { CodeArtifacts } from './artifacts/code-artifacts';
import { ObjectStore } from './artifacts/object-store';
import { Log, ServerClock, VirtualClock } from './clock';
import { ClockApi } from './clock-routes';
import { ControlPlaneContext } from './control/context';
import { recover } from './control/recover';
import { ControlPlaneStore } from './control/store';
import { isGone } from './control/transition';
import { McpSessionIds } from './data/mcp-session-ids';
import { Targets } from './data/target';
import { FaultLayer } from './faults/fault-layer';
import { Holds } from './faults/holds';
import { HOST, RunningHttpServer, startHttpServer } from './http-server';
import { IamAccount } from './iam/account';
import { Authorizer } from './iam/authorizer';
import { IamStore } from './iam/store';
import { LogStore } from './logs/log-store';
import { LogsApi } from './logs/logs-api';
import { serve, Services } from './service';
import { stateId } from './state-id';
import { lockStateDirectory } from './state-lock';

/** Sessions that tell how they are made. */
export interface DescribedSessions extends Sessions {
  readonly driver: string;
  readonly driverNotes: readonly string[];
  readonly tokenizer: string;
  /** Which engine runs container images, or why none does. */
  readonly containers?: string;
  /** How their storage is looked at. */
  readonly storageChecks?: object;
}

export interface LocalAgentCoreOptions {
  /** The port on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Where everything is kept that outlives the server. */
  readonly stateDir: string;
  /** The region of requests that are not signed; us-east-1 unless told. */
  readonly region?: string;
  /** Sessions, or what makes them once the state directory is ours; those that are made here are closed here. */
  readonly sessions: DescribedSessions | ((clock: ServerClock) => Promise<DescribedSessions>);
  readonly log: Log;
  /** The clock that `/_local/clock` moves on from; the machine's unless told. */
  readonly clock?: ServerClock;
  /** How long runtimes, endpoints and capacity providers take from one state to the next, in milliseconds; 0 unless told. */
  readonly transitionDelayMs?: number;
  /** Whether the calls of roles are judged; true unless set. */
  readonly iam?: boolean;
  /** How long a change of a role's policies takes until it counts, in seconds; 0 unless set. */
  readonly iamDelaySeconds?: number;
  /** What is to go wrong; nothing unless told. */
  readonly faults?: readonly ServiceFault[];
}

export interface LocalAgentCore {
  /** `http://127.0.0.1:` and the port; for both planes and the logs. */
  readonly endpoint: string;
  readonly port: number;
  /** Stops serving, and ends the sessions if they were made here; storage stays. */
  close(): Promise<void>;
}

const NOT_A_SECURITY_BOUNDARY =
  'the local AgentCore is for development: it checks no signatures, judges only the calls of roles that were deployed to it, and its sessions share the kernel, the programs and the network of this machine';

/**
 * Starts the local AgentCore: control plane, data plane and a part of CloudWatch Logs on one port of 127.0.0.1.
 *
 * @throws Error where the port or the state directory is in use, with what to do about it
 */
export async function startLocalAgentCore(options: LocalAgentCoreOptions): Promise<LocalAgentCore> {
  const stateDir = resolve(options.stateDir);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const unlock = await lockStateDirectory(stateDir);
  let http: RunningHttpServer | undefined;
  let made: DescribedSessions | undefined;
  const close = async () => {
    try {
      // no request comes in any more, and those that wait for a session end with it
      await Promise.all([http?.close(), made?.close()]);
    } finally {
      await unlock();
    }
  };
  try {
    const clock = await VirtualClock.open(stateDir, options.clock);
    made = typeof options.sessions === 'function' ? await options.sessions(clock) : undefined;
    http = await start({ ...options, stateDir, clock }, made ?? options.sessions as DescribedSessions);
    return { endpoint: endpointOf(http.port), port: http.port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: LocalAgentCoreOptions & { readonly clock: VirtualClock }, sessions: DescribedSessions): Promise<RunningHttpServer> {
  const { port, stateDir, log, region = DEFAULT_REGION, clock, transitionDelayMs = 0, faults, iam: isOn = true, iamDelaySeconds = 0 } = options;
  let running: RunningHttpServer | undefined;
  const id = await stateId(stateDir);
  const objects = await ObjectStore.open(stateDir);
  const artifacts = new CodeArtifacts(stateDir, objects, log, () => endpointOf(running?.port ?? port));
  const store = await ControlPlaneStore.open(stateDir);
  const controlPlane: ControlPlaneContext = { store, artifacts, sessions, clock, transitionDelayMs, log };
  await recover(controlPlane);
  const logs = new LogsApi(await LogStore.open(stateDir), () => clock.now());
  const iamStore = await IamStore.open(stateDir);
  const account = new IamAccount(iamStore, clock, iamDelaySeconds * 1_000);
  const iam = new Authorizer({ store: iamStore, account, clock, log, isOn, delaySeconds: iamDelaySeconds });
  const history = new CommandHistory(() => clock.now());
  const services: Services = {
    stateDir,
    observed: { store, sessions, history, stored: new StoredSessions(stateDir), now: () => clock.now() },
    controlPlane,
    dataPlane: { targets: new Targets(store, artifacts, clock), sessions, history, mcpSessionIds: new McpSessionIds(), log },
    logs,
    objects,
    faults: new FaultLayer(new ServiceFaultBook(faults), new Holds(store, clock), log),
    clock: new ClockApi(clock, sessions),
    iam,
    region,
    health: () => ({
      status: 'ok',
      id,
      driver: sessions.driver,
      driverNotes: sessions.driverNotes,
      tokenizer: sessions.tokenizer,
      containers: sessions.containers,
      storageChecks: sessions.storageChecks,
      region,
      account: LOCAL_ACCOUNT,
      runtimes: store.state.runtimes.filter(({ state }) => !isGone(state, clock.now())).length,
      sessions: sessions.list().length,
      iam: iam.settings,
      notASecurityBoundary: NOT_A_SECURITY_BOUNDARY,
    }),
    sessions: () => ({ sessions: sessions.list().map(viewOf) }),
  };
  running = await startHttpServer(port, async (exchange) => serve(services, exchange), log);
  return running;
}

function viewOf(session: SessionInfo): object {
  return { ...session, startedAt: new Date(session.startedAt).toISOString(), lastActiveAt: new Date(session.lastActiveAt).toISOString() };
}

function endpointOf(port: number): string {
  return `http://${HOST}:${port}`;
}
