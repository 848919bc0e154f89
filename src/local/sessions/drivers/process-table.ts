import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which the processes of a compute are found again, whatever they did to their group and parent. */
export const MARKER_VARIABLE = 'AGENTCORE_LOCAL_COMPUTE';

/** Scans after which what still starts new processes faster than they are killed is given up on. */
const MAX_SCANS = 100;

/** What tells a process from a later one of the same id: when it started; undefined where it is not running. */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readStat(pid);
    return stat?.state === 'Z' ? undefined : stat?.startTime;
  }
  return ps(['-o', 'lstart=', '-p', String(pid)]).trim() || undefined;
}

/**
 * Kills a process group by killing all but its leader, which is to reap its child and then ends by itself. Linux only.
 *
 * The leader stands outside of its child's process namespace. Were it killed with the others, the host's first process
 * would inherit the child, and if that one does not reap, as in many containers, the namespace could never end.
 */
export function killGroupOf(leader: number): void {
  // so that it cannot start its child while we look whether it has one
  if (!signalIfThere(leader, 'SIGSTOP')) return;
  let hadMembers = false;
  for (let scan = 0; scan < MAX_SCANS; scan++) {
    const members = processIds().filter((pid) => {
      const stat = pid === leader ? undefined : readStat(pid);
      return stat?.group === leader && stat.state !== 'Z';
    });
    for (const pid of members) killIfThere(pid);
    if (members.length === 0) break;
    hadMembers = true;
  }
  signalIfThere(leader, hadMembers ? 'SIGCONT' : 'SIGKILL');
}

/** Kills every process whose environment carries the marker; returns when there are none. */
export async function killMarked(marker: string): Promise<void> {
  for (let scan = 0; scan < MAX_SCANS; scan++) {
    const pids = markedProcesses(marker);
    if (pids.length === 0) return;
    for (const pid of pids) killIfThere(pid);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error(`processes of compute ${marker} start anew as fast as they are killed: ${markedProcesses(marker).join(', ')}; end them by hand`);
}

/** The ids of the processes whose environment carries the marker; best effort outside of Linux, where system programs hide it. */
export function markedProcesses(marker: string): number[] {
  const entry = `${MARKER_VARIABLE}=${marker}`;
  if (process.platform === 'linux') {
    return processIds().filter((pid) => readIfThere(`/proc/${pid}/environ`)?.split('\0').includes(entry));
  }
  return ps(['-axEww', '-o', 'pid=,command=']).split('\n')
    .filter((line) => line.split(' ').includes(entry))
    .map((line) => parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}

/** Lets all processes go on of whose command line one word ends with a text. Linux only; elsewhere there are none. */
export function wakeByCommandLine(ending: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of processIds()) {
    if (readIfThere(`/proc/${pid}/cmdline`)?.includes(`${ending}\0`)) signalIfThere(pid, 'SIGCONT');
  }
}

/** Kills a process; one that is gone already is fine. */
export function killIfThere(pid: number): void {
  signalIfThere(pid, 'SIGKILL');
}

/** Sends a signal; false where there is no such process. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** All processes but this one. */
function processIds(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid);
}

function readStat(pid: number): { state: string; group: number; startTime: string } | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // the name in parentheses may hold anything; after it come state, parent and group, and as the 20th field the start time
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && { state: fields[0], group: Number(fields[2]), startTime: fields[19] };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // it ended meanwhile, or is another user's
    return undefined;
  }
}

function ps(args: string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * 1024 * 1024 });
  } catch {
    // ps ends with 1 where no process matches
    return '';
  }
}
