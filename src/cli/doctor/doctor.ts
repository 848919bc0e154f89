import { randomUUID } from 'node:crypto';
import { GetAgentRuntimeCommandOutput, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { checkCredentials, checkPermission, checkRegion } from './account-checks';
import { Check, failedBy, ok, skipped } from './check';
import { checkEndpoint, checkRuntime } from './runtime-checks';
import { checkLocks, checkMount, checkPing, checkTools, Patient } from './session-checks';
import { AgentSession } from '../../client/api/agent-session';
import { stopSession, StopSessionRequest } from '../../client/stop-session';
import { FilesystemConfiguration, mountPathOf } from '../../service/filesystems';
import { runtimeLogGroup } from '../../service/log-group';
import { remedyForDenial } from '../../service/permissions/cli-permissions';
import { Clients, logsClient, RuntimeOptions, runtimeArnOf } from '../clients';
import { readPage } from '../logs/read-log';

export interface DoctorOptions extends RuntimeOptions {
  readonly qualifier: string;
  /** The session to look into; a new one if left out. */
  readonly session?: string;
}

/** What is looked at, and what to be told meanwhile. */
export interface Examination {
  readonly clients: Clients;
  readonly options: DoctorOptions;
  readonly signal: AbortSignal;
}

/** Looks at everything that commands in a session need, one after the other; what cannot be looked at is told as such. */
export async function* examine({ clients, options, signal }: Examination): AsyncGenerator<Check, void, undefined> {
  const { control } = clients;
  const region = await checkRegion(control);
  yield region;
  // nothing can be asked without one; one that is only unknown can be right
  if (region.status === 'failed' && !(await control.config.region().catch(() => ''))) return;
  const credentials = await checkCredentials(control, options.endpoint !== undefined);
  yield credentials;
  if (credentials.status === 'failed') return;
  yield await checkPermission('list runtimes', async () => control.send(new ListAgentRuntimesCommand({ maxResults: 1 })),
    `${remedyForDenial('ListAgentRuntimes', '*')}; without it, name the runtime with --runtime`);
  const { check, runtime } = await checkRuntime(control, async () => runtimeArnOf(control, options), Date.now());
  yield check;
  if (!runtime) return;
  yield await checkEndpoint(control, runtime.agentRuntimeId!, options.qualifier);
  yield await checkLogs(runtime.agentRuntimeId!, options);
  if (check.status === 'ok') yield* examineSession({ clients, options, signal }, runtime);
  else yield skipped('session', 'the runtime is not READY');
}

async function checkLogs(runtimeId: string, options: DoctorOptions): Promise<Check> {
  const logs = logsClient(options);
  const logGroupName = runtimeLogGroup(runtimeId, options.qualifier);
  try {
    // nothing is looked for in the past: a large group is read for as long as an answer takes
    return await checkPermission('read logs', async () => readPage(logs, { logGroupName, startTime: Date.now(), limit: 1 }),
      remedyForDenial('logs:FilterLogEvents', `the log group ${logGroupName}`));
  } finally {
    logs.destroy();
  }
}

async function* examineSession(
  { clients, options, signal }: Examination, runtime: GetAgentRuntimeCommandOutput,
): AsyncGenerator<Check, void, undefined> {
  const { qualifier, endpoint, session: sessionId = randomUUID() } = options;
  const runtimeArn = runtime.agentRuntimeArn!;
  const session = AgentSession.of({ runtimeArn, sessionId, qualifier, endpoint, region: await clients.control.config.region() });
  const patient = { session, signal };
  let stop: Check;
  try {
    const ping = await checkPing(patient);
    yield ping;
    if (ping.status === 'ok') yield* examineInside(patient, runtime.filesystemConfigurations ?? []);
    else yield skipped('mounts', 'no command could be run');
  } finally {
    // also after an interruption
    stop = await checkStop(clients, { runtimeArn, qualifier, sessionId: options.session === undefined ? sessionId : randomUUID() });
    session.close();
  }
  yield stop;
}

async function* examineInside(patient: Patient, filesystems: readonly object[]): AsyncGenerator<Check, void, undefined> {
  yield await checkTools(patient);
  const mountPaths = filesystems.flatMap((filesystem) => mountPathOf(filesystem as FilesystemConfiguration) ?? []);
  if (mountPaths.length === 0) yield skipped('mounts', 'the runtime has none; files are lost with the session');
  for (const mountPath of mountPaths) {
    const [mount, space] = await checkMount(patient, mountPath);
    yield mount;
    yield space;
    yield mount.status === 'ok' ? await checkLocks(patient, mountPath) : skipped(`file locks ${mountPath}`, 'the mount cannot be used');
  }
}

/** Stops our own session, or one that nobody has: that it is not there says that it was looked for. */
async function checkStop({ data }: Clients, target: StopSessionRequest): Promise<Check> {
  const name = 'may stop sessions';
  try {
    await stopSession(data, target);
    return ok(name, 'allowed');
  } catch (error) {
    const isDenied = (error as Error).name === 'AccessDeniedException';
    return failedBy(name, error, isDenied ? `${remedyForDenial('StopRuntimeSession', 'the runtime and the endpoint')}, as RuntimeGrants.stopSession does` : undefined);
  }
}
