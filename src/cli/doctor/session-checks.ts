import { Check, failed, failedBy, ok, skipped } from './check';
import { lockScript, missingToolsScript } from './session-scripts';
import { AgentSession } from '../../client/api/agent-session';
import { CommandResult } from '../../client/api/command';
import { formatBytes } from '../../local/sizes';
import { remedyForDenial } from '../../service/permissions/cli-permissions';
import { measuringScript } from '../../storage/measuring-script';

/** A session in which commands are run to find things out. */
export interface Patient {
  readonly session: AgentSession;
  readonly signal: AbortSignal;
}

/** Below this, a mount is as good as full. */
const LITTLE_FREE_BYTES = 32 * 1024 * 1024;

/** How long one look may take, in seconds: the first one starts the session. */
const SECONDS = 120;

async function look({ session, signal }: Patient, script: string): Promise<CommandResult> {
  return session.run(script, { timeoutSeconds: SECONDS, signal });
}

/** Whether the session starts and its agent lets commands run. */
export async function checkPing(patient: Patient): Promise<Check> {
  const name = 'ping';
  try {
    const { ok: succeeded, exitCode, timedOut, durationMillis, stderr } = await look(patient, 'true');
    if (succeeded) return ok(name, `a command ran in ${durationMillis} ms`);
    return failed(name, timedOut ? `\`true\` took longer than ${SECONDS} s` : `\`true\` exited with ${exitCode}: ${firstLine(stderr)}`, 'look into the log of the runtime: `cdk-agentcore logs`');
  } catch (error) {
    patient.signal.throwIfAborted();
    return failedBy(name, error, (error as Error).name === 'AccessDeniedException' ? `${remedyForDenial('InvokeAgentRuntimeCommand', 'the runtime and the endpoint')}, as RuntimeGrants.runCommand does` : undefined);
  }
}

/** Whether the image has what commands, copying and detached runs need. */
export async function checkTools(patient: Patient): Promise<Check> {
  return found('tools', patient, missingToolsScript(), ({ stdout }) => {
    const missing = stdout.trim();
    return missing === '' ? ok('tools', 'sh, base64 and the others that commands need are there')
      : failed('tools', `missing in the image: ${missing.split(' ').join(', ')}`, 'install them in the image; coreutils or busybox has all of them');
  });
}

/** Whether a mount is there and can be written to, and what is free on it. */
export async function checkMount(patient: Patient, mountPath: string): Promise<Check[]> {
  const [mount, space] = [`mount ${mountPath}`, `free space ${mountPath}`];
  let measured: { readonly mounted: boolean; readonly type: string | null; readonly sizeBytes: number | null; readonly freeBytes: number | null };
  const check = await found(mount, patient, measuringScript(mountPath), ({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0) return failed(mount, firstLine(stderr), 'look at the access point\'s user and the user of the image; for session storage, deploy again');
    measured = JSON.parse(stdout);
    return ok(mount, `${measured.mounted ? 'mounted' : 'there, as a directory of the local AgentCore'}${measured.type ? ` as ${measured.type}` : ''}, writable`);
  });
  if (check.status !== 'ok') return [check, skipped(space, 'the mount could not be measured')];
  const { freeBytes, sizeBytes } = measured!;
  if (freeBytes === null) return [check, skipped(space, 'the image has no `df`')];
  const about = `${formatBytes(freeBytes)} free${sizeBytes === null ? '' : ` of ${formatBytes(sizeBytes)}`}`;
  return [check, freeBytes < LITTLE_FREE_BYTES ? failed(space, about, `remove files: \`cdk-agentcore run -- du -k ${mountPath} | sort -n | tail\` shows the large ones`) : ok(space, about)];
}

/** Whether programs can lock files on a mount: git, uv, npm and databases want to. */
export async function checkLocks(patient: Patient, mountPath: string): Promise<Check> {
  const name = `file locks ${mountPath}`;
  return found(name, patient, lockScript(mountPath), ({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0) return failed(name, firstLine(stderr) || 'the lock was refused', 'keep what locks files elsewhere, as by UV_CACHE_DIR=/tmp/uv; session storage may refuse locks');
    return stdout.trim() === 'locked' ? ok(name, 'work') : skipped(name, 'the image has neither flock, python3 nor perl to try one');
  });
}

async function found(name: string, patient: Patient, script: string, read: (result: CommandResult) => Check): Promise<Check> {
  try {
    const result = await look(patient, script);
    return result.exitCode === undefined ? failed(name, 'the look at it was ended by the platform', 'run it again') : read(result);
  } catch (error) {
    patient.signal.throwIfAborted();
    return failedBy(name, error);
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0];
}
