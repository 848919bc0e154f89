import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compute, ComputeSpec, IsolationDriver } from '../driver';
import { forgetCompute, recordCompute, removeEmptyDirectory } from './compute-records';
import { maskedDirectories, viewHost } from './host-view';
import { NamespaceCompute, whenReady } from './namespace-compute';
import { MARKER_VARIABLE } from './process-table';
import { planRoot } from './root-plan';
import { rootScript } from './root-script';
import { findProgram, searchPath } from './search-path';

/**
 * Sessions in Linux namespaces of their own (mounts, processes, IPC, host name), made and entered by util-linux's
 * `unshare` and `nsenter`; the network is the host's. As root, or in a user namespace in which the user is root.
 */
export class NamespaceDriver implements IsolationDriver {

  constructor(public readonly name: 'namespace-root' | 'namespace-user', private readonly stateDir: string) {}

  public async start(spec: ComputeSpec): Promise<Compute> {
    const userNamespace = this.name === 'namespace-user';
    const base = join(mountableTmpdir(), `agentcore-${spec.id}`);
    const record = { id: spec.id, driver: this.name, directory: base };
    let holder: ChildProcess | undefined;
    try {
      recordCompute(this.stateDir, record);
      mkdirSync(base, { mode: 0o700 });
      const script = rootScript({
        base,
        steps: planRoot(viewHost({ userNamespace })),
        mounts: spec.mounts.map((mount) => ({ ...mount, hostPath: realpathSync(mount.hostPath) })),
        masked: maskedDirectories(this.stateDir),
        userNamespace,
      });
      holder = spawn(findProgram('unshare'), [
        ...(userNamespace ? ['--user', '--map-root-user'] : []),
        '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child',
        'sh', '-c', script, `agentcore-session-${spec.id}`,
      ], {
        // detached: Ctrl-C is for us, who then stop the sessions in order
        detached: true, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: searchPath(), [MARKER_VARIABLE]: spec.id },
      });
      if (holder.pid !== undefined) recordCompute(this.stateDir, { ...record, holder: holder.pid });
      const target = Number(await whenReady(holder));
      const cleanUp = () => {
        removeEmptyDirectory(base);
        forgetCompute(this.stateDir, spec.id);
      };
      return new NamespaceCompute(holder, target, userNamespace, spec, cleanUp);
    } catch (error) {
      holder?.kill('SIGKILL');
      removeEmptyDirectory(base);
      forgetCompute(this.stateDir, spec.id);
      throw error;
    }
  }
}

/** A directory for mount points whose name means nothing to mount's option parser. */
function mountableTmpdir(): string {
  const directory = realpathSync(tmpdir());
  return /^[A-Za-z0-9._/-]+$/.test(directory) ? directory : '/tmp';
}
