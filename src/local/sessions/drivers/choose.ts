import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { DriverName, IsolationDriver } from '../driver';
import { BubblewrapDriver } from './bubblewrap';
import { NamespaceDriver } from './namespace';
import { ProcessDriver } from './process';

/** The drivers, those that keep sessions furthest apart first. */
export const DRIVER_NAMES: readonly DriverName[] = ['namespace-root', 'namespace-user', 'bubblewrap', 'process'];

export interface ChosenDriver {
  readonly driver: IsolationDriver;
  /** Why drivers before it did not work here, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * The driver that keeps sessions furthest apart on this machine, found by really starting a compute with each.
 *
 * @param preferred the only one to try; throws where it does not work
 */
export async function chooseDriver(stateDir: string, preferred?: DriverName): Promise<ChosenDriver> {
  mkdirSync(stateDir, { recursive: true });
  const notes: string[] = [];
  for (const name of preferred === undefined ? DRIVER_NAMES : [preferred]) {
    const driver = createDriver(name, stateDir);
    const problem = obstacle(name) ?? await probe(driver);
    if (problem === undefined) return { driver, notes };
    notes.push(`${name} does not work here: ${problem}`);
  }
  throw new Error(`no isolation driver works: ${notes.join('; ')}${preferred === undefined ? '' : `; use another of ${DRIVER_NAMES.join(', ')}`}`);
}

export function createDriver(name: DriverName, stateDir: string): IsolationDriver {
  switch (name) {
    case 'process': return new ProcessDriver(stateDir);
    case 'bubblewrap': return new BubblewrapDriver(stateDir);
    default: return new NamespaceDriver(name, stateDir);
  }
}

function obstacle(name: DriverName): string | undefined {
  if (name !== 'process' && process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (name === 'namespace-root' && process.getuid?.() !== 0) return `needs root, this is user ${process.getuid?.()}`;
  return undefined;
}

/** What is wrong with a driver's computes. */
async function probe(driver: IsolationDriver): Promise<string | undefined> {
  try {
    const compute = await driver.start({ id: `probe-${randomUUID()}`, mounts: [], environment: {} });
    try {
      const trial = compute.exec(['sh', '-c', 'echo probe > "$HOME/probe"']);
      let complaint = '';
      trial.stdout.resume();
      trial.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString(); });
      const exitCode = await trial.exit;
      return exitCode === 0 ? undefined : `a first command ended with ${exitCode}: ${complaint.trim()}`;
    } finally {
      await compute.stop();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
