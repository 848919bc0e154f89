import { CommandHistory, RecordedCommand } from './command-history';
import { readCommand } from './command-text';
import { StoredSession, StoredSessions } from './stored-sessions';
import { RuntimeConfiguration, RuntimeRecord } from '../server/control/records';
import { ControlPlaneStore } from '../server/control/store';
import { failureReasonAt, isGone, liveVersionAt, newestVersion, statusAt, versionsAt } from '../server/control/transition';
import { SessionInfo, Sessions } from '../sessions/contract';
import { digestOf } from '../sessions/storage';

export interface VersionView {
  readonly version: string;
  readonly status: string;
  readonly createdAt: string;
  readonly artifact: string;
  readonly mountPaths: readonly string[];
  /** Names alone: values may be secrets. */
  readonly environmentVariables: readonly string[];
}

export interface EndpointView {
  readonly name: string;
  readonly status: string;
  readonly failureReason?: string;
  readonly liveVersion?: string;
  readonly targetVersion: string;
}

export interface RuntimeView {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly failureReason?: string;
  readonly createdAt: string;
  /** The newest first. */
  readonly versions: readonly VersionView[];
  readonly endpoints: readonly EndpointView[];
}

export interface SessionView {
  /** Its name in paths. */
  readonly session: string;
  readonly runtimeId: string;
  readonly endpointName: string;
  readonly sessionId: string;
  readonly version: string;
  /** Set while it runs. */
  readonly startedAt?: string;
  readonly lastUsed?: string;
  readonly mountPaths: readonly string[];
}

export interface CommandView {
  readonly id: number;
  readonly session: string;
  readonly runtimeId: string;
  readonly sessionId: string;
  /** As people wrote it; see `readCommand`. */
  readonly command: string;
  readonly workingDirectory?: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'TIMED_OUT' | 'FAILED';
  readonly exitCode?: number;
  /** Why nobody knows how it ended. */
  readonly error?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** All that it has printed, in bytes. */
  readonly outputBytes: number;
}

/** What pages show is taken from here. */
export interface Observed {
  readonly store: Pick<ControlPlaneStore, 'state'>;
  readonly sessions: Pick<Sessions, 'list'>;
  readonly stored: StoredSessions;
  readonly history: CommandHistory;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The runtimes that are there, the newest first. */
export function runtimeViews({ store, now }: Observed): RuntimeView[] {
  const time = now();
  return store.state.runtimes.filter(({ state }) => !isGone(state, time)).map((runtime) => runtimeView(runtime, time)).reverse();
}

function runtimeView(runtime: RuntimeRecord, now: number): RuntimeView {
  const newest = newestVersion(runtime);
  return {
    id: runtime.id,
    name: runtime.name,
    arn: runtime.arn,
    status: statusAt(runtime.state, now),
    failureReason: failureReasonAt(runtime.state, now),
    createdAt: timeOf(runtime.createdAt),
    versions: versionsAt(runtime, now).map((version) => {
      const { configuration, failed, deletion, createdAt } = version;
      return {
        version: version.version,
        status: deletion ? statusAt(deletion, now) : failed?.status ?? (version === newest ? statusAt(runtime.state, now) : 'READY'),
        createdAt: timeOf(createdAt),
        artifact: artifactOf(configuration),
        mountPaths: (configuration.filesystemConfigurations ?? []).flatMap(({ sessionStorage }) => sessionStorage?.mountPath ?? []),
        environmentVariables: Object.keys(configuration.environmentVariables ?? {}).sort(),
      };
    }).reverse(),
    endpoints: runtime.endpoints.filter(({ state }) => !isGone(state, now)).map((endpoint) => ({
      name: endpoint.name,
      status: statusAt(endpoint.state, now),
      failureReason: failureReasonAt(endpoint.state, now),
      liveVersion: liveVersionAt(endpoint, now),
      targetVersion: endpoint.targetVersion,
    })),
  };
}

function artifactOf({ agentRuntimeArtifact: { codeConfiguration, containerConfiguration } }: RuntimeConfiguration): string {
  if (codeConfiguration === undefined) return containerConfiguration?.containerUri ?? 'unknown';
  const { code: { s3 }, runtime, entryPoint } = codeConfiguration;
  return `${runtime} ${entryPoint.join(' ')}, s3://${s3.bucket}/${s3.prefix}`;
}

/** Sessions that run, the newest first, and then those that only have storage, the one that was used last first. */
export async function sessionViews({ sessions, stored }: Observed): Promise<SessionView[]> {
  const running = new Map(sessions.list().map((info) => [digestOf(info), info]));
  const onDisk = new Map((await stored.list()).map((entry) => [entry.session, entry]));
  return [
    ...[...running].sort(([, a], [, b]) => b.startedAt - a.startedAt).map(([session, info]) => sessionView(session, info, onDisk.get(session))),
    ...[...onDisk].filter(([session]) => !running.has(session)).map(([session, entry]) => sessionView(session, undefined, entry)),
  ];
}

/** A session that runs, has storage, or has run commands; undefined where none is known by this name. */
export async function findSession({ sessions, stored, history }: Observed, session: string): Promise<SessionView | undefined> {
  const info = sessions.list().find((candidate) => digestOf(candidate) === session);
  const entry = await stored.find(session);
  if (info !== undefined || entry !== undefined) return sessionView(session, info, entry);
  const [command] = history.ofSession(session);
  return command && { session, ...command.key, version: 'unknown', mountPaths: [] };
}

function sessionView(session: string, info: SessionInfo | undefined, entry: StoredSession | undefined): SessionView {
  const { runtimeId, endpointName, sessionId } = info ?? entry!.key;
  const lastUsed = info?.lastActiveAt ?? entry?.lastUsed;
  return {
    session,
    runtimeId,
    endpointName,
    sessionId,
    version: (info ?? entry!).version,
    startedAt: info && timeOf(info.startedAt),
    lastUsed: lastUsed === undefined ? undefined : timeOf(lastUsed),
    mountPaths: entry?.mountPaths ?? [],
  };
}

export function commandView({ id, session, key, command, startedAt, endedAt, outcome, output }: RecordedCommand): CommandView {
  const { text, workingDirectory } = readCommand(command);
  return {
    id,
    session,
    runtimeId: key.runtimeId,
    sessionId: key.sessionId,
    command: text,
    workingDirectory,
    status: outcome === undefined ? 'RUNNING' : 'error' in outcome ? 'FAILED' : outcome.status,
    exitCode: outcome && 'exitCode' in outcome ? outcome.exitCode : undefined,
    error: outcome && 'error' in outcome ? outcome.error : undefined,
    startedAt: timeOf(startedAt),
    endedAt: endedAt === undefined ? undefined : timeOf(endedAt),
    outputBytes: output.total,
  };
}

function timeOf(millis: number): string {
  return new Date(millis).toISOString();
}
