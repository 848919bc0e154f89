import { join } from 'node:path';
import { DriverName } from '../../../../src/local/sessions/driver';
import { Child } from '../../../../src/local/sessions/drivers/child';
import { createDriver, chooseDriver } from '../../../../src/local/sessions/drivers/choose';
import { sweepStaleComputes } from '../../../../src/local/sessions/drivers/compute-records';
import { shell } from '../support';

/** A program of its own for what needs another user or a death: `trial ACTION STATE_DIR [DRIVER [SCRIPT]]`. */
async function main(action: string, stateDir: string, driver: DriverName, script: string): Promise<void> {
  const report = (value: unknown): void => { process.stdout.write(`${JSON.stringify(value)}\n`); };
  if (action === 'choose') {
    const chosen = await chooseDriver(stateDir);
    return report({ name: chosen.driver.name, notes: chosen.notes });
  }
  if (action === 'sweep') return report(await sweepStaleComputes(stateDir));
  const mounts = [{ hostPath: join(stateDir, 'files'), mountPath: '/mnt/workspace' }];
  const compute = await createDriver(driver, stateDir).start({ id: `trial-${process.pid}`, mounts, environment: {} });
  if (action === 'kill') {
    const child = compute.exec(['sh', '-c', script]);
    child.stderr.resume();
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.kill();
    report(await child.exit);
    return compute.stop();
  }
  if (action === 'freeze') {
    const child = compute.exec(['sh', '-c', script]) as Child;
    child.stderr.resume();
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    process.kill(child.pid!, 'SIGSTOP');
    // until this process is killed
    return report(child.pid);
  }
  report(await shell(compute, script));
  // 'hold' keeps the compute until this process is killed
  if (action === 'run') await compute.stop();
  return undefined;
}

void main(...process.argv.slice(2) as [string, string, DriverName, string]);
