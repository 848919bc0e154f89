import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandSink, SessionKey, VersionSpec } from '../../../src/local/sessions/contract';
import { Compute, DriverName } from '../../../src/local/sessions/driver';
import { DRIVER_NAMES } from '../../../src/local/sessions/drivers/choose';
import { removeTree } from '../../../src/local/sessions/remove-tree';
import { withLifecycleDefaults } from '../../../src/service/lifecycle';
import { describeWith, lackOf, LINUX, Need, ROOT } from '../../util/needs';

const BY_UNSHARE = [LINUX, 'unshare', 'nsenter', 'mount'];

/** What each driver takes of this machine. */
const DRIVER_NEEDS: Readonly<Record<DriverName, readonly (Need | string)[]>> = {
  'namespace-root': [...BY_UNSHARE, ROOT, { lack: 'root may not make namespaces here', isMet: canUnshare() }],
  'namespace-user': [...BY_UNSHARE, { lack: 'user namespaces may not be made here', isMet: canUnshare('--user', '--map-root-user') }],
  'bubblewrap': [LINUX, 'bwrap', 'nsenter', {
    lack: 'bwrap may not make namespaces here', isMet: succeeds('bwrap', '--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', 'true'),
  }],
  'process': [],
};

/** What is missing for a driver. */
export const byDriver = (name: DriverName): Need => {
  const lack = lackOf(DRIVER_NEEDS[name]);
  return { lack: lack ?? '', isMet: lack === undefined };
};

/** The drivers that this machine can do: all of them on Linux as root, with util-linux and bubblewrap. */
export const DRIVERS_HERE: readonly DriverName[] = DRIVER_NAMES.filter((name) => byDriver(name).isMet);

/** That the driver which is chosen by itself keeps sessions in namespaces. */
export const NAMESPACES: Need = byDriver(DRIVERS_HERE.length > 1 ? DRIVERS_HERE[0] : 'namespace-user');

/** A group of tests for each driver; skipped, with the reason in its title, for those that this machine cannot do. */
export function describeDrivers(
  titleOf: (name: DriverName) => string, tests: (name: DriverName) => void, names: readonly DriverName[] = DRIVER_NAMES,
): void {
  for (const name of names) describeWith([byDriver(name)], titleOf(name), () => tests(name));
}

function canUnshare(...options: string[]): boolean {
  return succeeds('unshare', ...options, '--mount', '--pid', '--fork', '--kill-child', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');
}

function succeeds(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** A directory of its own for each test that asks; removed by `removeScratch`. */
const scratch: string[] = [];

export function scratchDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'sessions-test-'));
  scratch.push(directory);
  return directory;
}

export function removeScratch(): void {
  for (const directory of scratch.splice(0)) removeTree(directory);
}

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs shell text in a compute and collects what it says. */
export async function shell(compute: Compute, script: string, options?: Parameters<Compute['exec']>[1]): Promise<Output> {
  const child = compute.exec(['sh', '-c', script], options);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const exitCode = await child.exit;
  return { exitCode, stdout, stderr };
}

/** A sink that keeps all it gets. */
export class MemorySink implements CommandSink {
  public started = 0;
  public stdout = '';
  public stderr = '';
  private readonly waiting: { text: string; resolve: () => void }[] = [];

  public onStart(): void {
    this.started++;
  }

  public onStdout(chunk: Buffer): void {
    this.stdout += chunk.toString();
    for (const { text, resolve } of this.waiting) if (this.stdout.includes(text)) resolve();
  }

  public onStderr(chunk: Buffer): void {
    this.stderr += chunk.toString();
  }

  /** Resolves when standard output has the text. */
  public said(text: string): Promise<void> {
    if (this.stdout.includes(text)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ text, resolve }));
  }
}

export const key = (sessionId = 'session-0123456789-0123456789-0123', endpointName = 'DEFAULT', runtimeId = 'coder-0123456789'): SessionKey => (
  { runtimeId, endpointName, sessionId });

export const version = (given: Partial<VersionSpec> = {}): VersionSpec => ({
  runtimeId: 'coder-0123456789',
  version: '1',
  protocol: 'HTTP',
  environment: {},
  lifecycle: withLifecycleDefaults(),
  storageMounts: ['/mnt/workspace'],
  ...given,
});

/** Waits for something that another process brings about, such as its own end; fails when it does not come. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await delay(25);
  }
  throw new Error(`still not so: ${what}`);
}
