import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerName } from '../docker/container-name';
import { docker } from '../docker/engine';
import { DriverName } from '../driver';
import { removeTree } from '../remove-tree';
import { killIfThere, killMarked, startTimeOf, wakeByCommandLine } from './process-table';

interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** What a later server needs to clean up after one that crashed. */
export interface ComputeRecord {
  readonly id: string;
  readonly driver: DriverName | 'docker';
  /** The process that holds the compute alive, where there is one. */
  readonly holder?: number;
  /** A directory that the compute leaves behind, where it does. */
  readonly directory?: string;
}

interface StoredRecord extends Omit<ComputeRecord, 'holder'> {
  readonly owner: ProcessIdentity;
  readonly holder?: ProcessIdentity;
}

/** What the script ends with by which a command of a compute is started; a comment, for whoever looks at the command lines of the host. */
export function labelOf(id: string): string {
  return ` # compute ${id}`;
}

function directoryOf(stateDir: string): string {
  return join(stateDir, 'computes');
}

function fileOf(stateDir: string, id: string): string {
  return join(directoryOf(stateDir), `${id}.json`);
}

/**
 * Notes down a compute for a later server, should this one crash; before anything of it is there, and again when more is known.
 */
export function recordCompute(stateDir: string, record: ComputeRecord): void {
  const stored: StoredRecord = {
    ...record,
    owner: identify(process.pid),
    holder: record.holder === undefined ? undefined : identify(record.holder),
  };
  mkdirSync(directoryOf(stateDir), { recursive: true });
  const file = fileOf(stateDir, record.id);
  writeFileSync(`${file}.new`, JSON.stringify(stored));
  renameSync(`${file}.new`, file);
}

/** Takes the note of an ended compute away. */
export function forgetCompute(stateDir: string, id: string): void {
  rmSync(fileOf(stateDir, id), { force: true });
}

/** Ends what servers that crashed have left running on this state directory; returns what it did, for the log. */
export async function sweepStaleComputes(stateDir: string): Promise<string[]> {
  mkdirSync(directoryOf(stateDir), { recursive: true });
  const notes: string[] = [];
  for (const name of readdirSync(directoryOf(stateDir))) {
    const file = join(directoryOf(stateDir), name);
    // one that was not written to its end is of a compute that was not begun, or stands beside the note of before
    const record = name.endsWith('.json') ? parse(readFileSync(file, 'utf8')) : undefined;
    if (record !== undefined && isAlive(record.owner)) {
      notes.push(`compute ${record.id} belongs to the running process ${record.owner.pid}; is a second server using ${stateDir}?`);
      continue;
    }
    try {
      if (record !== undefined) {
        await endStale(record);
        notes.push(`ended compute ${record.id}, left behind by a server that crashed`);
      }
    } catch (error) {
      // its engine may not run any more; what is to be done besides does not wait for that
      notes.push(`compute ${record!.id}, left behind by a server that crashed, could not be ended, and the next start tries again: ${(error as Error).message}`);
      continue;
    }
    rmSync(file, { force: true });
  }
  return notes;
}

async function endStale(record: StoredRecord): Promise<void> {
  if (record.holder !== undefined && isAlive(record.holder)) killIfThere(record.holder.pid);
  await killMarked(record.id);
  // who leads a command's group is stopped while that is killed; its server may have died just then
  wakeByCommandLine(labelOf(record.id));
  if (record.driver === 'docker') await docker(['rm', '--force', '--volumes', containerName(record.id)]);
  if (record.directory === undefined) return;
  // of a namespace only the empty mount point remains; nothing else may be removed through it
  if (record.driver === 'process') removeTree(record.directory);
  else removeEmptyDirectory(record.directory);
}

/** Removes a directory that has to be empty; one that is gone already is fine. */
export function removeEmptyDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function identify(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? 'ended' };
}

function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return startTimeOf(pid) === startTime;
}

/** A record cut short by a crash names nothing that could be ended. */
function parse(text: string): StoredRecord | undefined {
  try {
    return JSON.parse(text) as StoredRecord;
  } catch {
    return undefined;
  }
}
