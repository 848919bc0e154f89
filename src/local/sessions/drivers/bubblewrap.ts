import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Compute, ComputeSpec, IsolationDriver, Mount } from '../driver';
import { forgetCompute, recordCompute } from './compute-records';
import { maskedDirectories, viewHost } from './host-view';
import { NamespaceCompute, whenReady } from './namespace-compute';
import { MARKER_VARIABLE } from './process-table';
import { FRESH_DIRECTORIES, isBelow, planRoot, RootStep } from './root-plan';
import { HOLD } from './root-script';
import { findProgram, searchPath } from './search-path';

/** The home directory of root is fresh too, since nothing of the host's can be written to. */
const FRESH: readonly string[] = [...FRESH_DIRECTORIES, '/root'];

/**
 * Sessions in namespaces that `bwrap` makes, for hosts that let it do so and nobody else. The session's root cannot be an
 * overlay there: the machine's files are read-only, and only the fresh directories and the mounts take writes.
 */
export class BubblewrapDriver implements IsolationDriver {
  public readonly name = 'bubblewrap';

  constructor(private readonly stateDir: string) {}

  public async start(spec: ComputeSpec): Promise<Compute> {
    const mounts = spec.mounts.map((mount) => ({ ...mount, hostPath: realpathSync(mount.hostPath) }));
    // what is bound comes with the mounts below it, so only where a mount of ours has no directory there is something to take apart
    const view = { ...viewHost({ userNamespace: true }), overlaysRoot: false, mountPoints: mounts.map(({ mountPath }) => mountPath) };
    let holder: ChildProcess | undefined;
    try {
      holder = spawn(findProgram('bwrap'), [
        '--unshare-user', '--uid', '0', '--gid', '0', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'localhost',
        '--die-with-parent', '--as-pid-1', '--info-fd', '3',
        ...rootArguments(planRoot(view, FRESH), mounts, maskedDirectories(this.stateDir)),
        'sh', '-c', `set -eu\necho ready\n${HOLD}`, `agentcore-session-${spec.id}`,
      ], { detached: true, cwd: '/', stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: { PATH: searchPath(), [MARKER_VARIABLE]: spec.id } });
      if (holder.pid !== undefined) recordCompute(this.stateDir, { id: spec.id, driver: this.name, holder: holder.pid });
      const [info] = await Promise.all([text(holder.stdio[3] as Readable), whenReady(holder)]);
      const target = (JSON.parse(info) as { 'child-pid': number })['child-pid'];
      return new NamespaceCompute(holder, target, true, spec, () => forgetCompute(this.stateDir, spec.id));
    } catch (error) {
      holder?.kill('SIGKILL');
      forgetCompute(this.stateDir, spec.id);
      throw error;
    }
  }
}

/** The arguments that build a session's root; later ones lie over earlier ones. */
function rootArguments(steps: readonly RootStep[], mounts: readonly Mount[], masked: readonly string[]): string[] {
  const isLate = ({ path }: RootStep) => FRESH.some((directory) => isBelow(path, directory));
  return [
    ...steps.filter((step) => !isLate(step)).flatMap(stepArguments),
    '--proc', '/proc', '--dev', '/dev', '--ro-bind', '/sys', '/sys',
    '--perms', '1777', '--tmpfs', '/tmp', '--tmpfs', '/run', '--dir', '/run/lock', '--tmpfs', '/mnt', '--tmpfs', '/root',
    ...steps.filter(isLate).flatMap(stepArguments),
    ...masked.filter((path) => existsSync(path) && !FRESH.some((directory) => isBelow(path, directory)))
      .flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...mounts.flatMap(({ hostPath, mountPath, readOnly }) => [readOnly ? '--ro-bind' : '--bind', hostPath, mountPath]),
  ];
}

function stepArguments(step: RootStep): string[] {
  switch (step.kind) {
    case 'directory': return ['--dir', step.path];
    case 'copy': return step.names.flatMap((name) => sameArguments(join(step.path, name)));
    default: return ['--ro-bind', step.path, step.path];
  }
}

function sameArguments(path: string): string[] {
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
