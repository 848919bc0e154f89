import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compute, ComputeProcess, ComputeSpec, ExecOptions, IsolationDriver } from '../driver';
import { Child, IN_DIRECTORY, startChild } from './child';
import { forgetCompute, recordCompute, removeEmptyDirectory } from './compute-records';
import { viewHost } from './host-view';
import { killGroupOf, killIfThere, MARKER_VARIABLE, signalIfThere } from './process-table';
import { planRoot } from './root-plan';
import { rootScript } from './root-script';
import { findProgram, searchPath } from './search-path';

/** Below the home directory: whose keys lie there is no agent. */
const CREDENTIAL_DIRECTORIES = ['.aws', '.ssh'];

/** Longer than any healthy set-up takes; a mount may hang on a dead network file system. */
const START_MILLISECONDS = 30_000;

const WAKE_MILLISECONDS = 20;

/**
 * Sessions in Linux namespaces of their own (mounts, processes, IPC, host name), made and entered by util-linux's
 * `unshare` and `nsenter`; the network is the host's. As root, or in a user namespace in which the user is root.
 */
export class NamespaceDriver implements IsolationDriver {
  constructor(public readonly name: 'namespace-root' | 'namespace-user', private readonly stateDir: string) {}

  public async start(spec: ComputeSpec): Promise<Compute> {
    const userNamespace = this.name === 'namespace-user';
    const base = mkdtempSync(join(mountableTmpdir(), `agentcore-${spec.id}-`));
    let holder: ChildProcess | undefined;
    try {
      const script = rootScript({
        base,
        steps: planRoot(viewHost({ userNamespace })),
        mounts: spec.mounts.map((mount) => ({ ...mount, hostPath: realpathSync(mount.hostPath) })),
        masked: [realpathSync(this.stateDir), ...CREDENTIAL_DIRECTORIES.map((name) => join(homedir(), name))],
        userNamespace,
      });
      holder = spawn('unshare', [
        ...(userNamespace ? ['--user', '--map-root-user'] : []),
        '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child',
        'sh', '-c', script, `agentcore-session-${spec.id}`,
      ], {
        // detached: Ctrl-C is for us, who then stop the sessions in order
        detached: true, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: searchPath(), [MARKER_VARIABLE]: spec.id },
      });
      if (holder.pid !== undefined) recordCompute(this.stateDir, { id: spec.id, driver: this.name, holder: holder.pid, directory: base });
      const target = await whenReady(holder);
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

class NamespaceCompute implements Compute {
  public readonly ended: Promise<void>;
  private readonly children = new Set<Child>();
  private hasEnded = false;

  constructor(
    holder: ChildProcess,
    private readonly target: number,
    private readonly userNamespace: boolean,
    private readonly spec: ComputeSpec,
    cleanUp: () => void,
  ) {
    this.ended = whenExited(holder).then(() => {
      this.hasEnded = true;
      cleanUp();
    });
  }

  public exec(argv: readonly string[], options: ExecOptions = {}): ComputeProcess {
    if (this.hasEnded) throw new Error(`compute ${this.spec.id} has ended, nothing can start in it`);
    const { variables, words } = packEnvironment({ PATH: searchPath(), HOME: '/root', ...this.spec.environment, ...options.environment });
    const child = startChild(findProgram('nsenter'), [
      '--target', String(this.target), '--mount', '--pid', '--ipc', '--uts',
      ...(this.userNamespace ? ['--user', '--preserve-credentials'] : []),
      '/bin/sh', '-c', `exec ${findProgram('env')} -i -- ${words.join(' ')} /bin/sh -c "$0" "$@"`,
      IN_DIRECTORY, options.workingDirectory ?? '/', ...argv,
    ], { env: variables, killGroup: killGroupOf });
    this.children.add(child);
    void child.ended.then(() => this.children.delete(child));
    return child;
  }

  public async stop(): Promise<void> {
    if (!this.hasEnded) killIfThere(this.target);
    // the namespace lives until each nsenter has reaped its child, and one stops along with a child that is stopped
    const wake = () => {
      for (const { pid } of this.children) if (pid !== undefined) signalIfThere(pid, 'SIGCONT');
    };
    wake();
    const timer = setInterval(wake, WAKE_MILLISECONDS);
    await this.ended.finally(() => clearInterval(timer));
  }
}

/**
 * An environment under names that mean nothing to any program, and the shell words that unfold to it.
 *
 * A session's `PATH` or `LD_PRELOAD` is about programs inside, so the `nsenter` of the host must not see it; as arguments
 * variables would be seen by every user of the host.
 */
function packEnvironment(environment: Readonly<Record<string, string>>): { variables: Record<string, string>; words: string[] } {
  const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return {
    variables: Object.fromEntries(entries.map((entry, n) => [`AGENTCORE_LOCAL_VARIABLE_${n}`, entry])),
    words: entries.map((_, n) => `"$AGENTCORE_LOCAL_VARIABLE_${n}"`),
  };
}

/** The id on the host of the namespace's first process, once the root is built; throws with what it said where that fails. */
function whenReady(holder: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    let complaint = '';
    const timer = setTimeout(() => fail(`its root directory is not built after ${START_MILLISECONDS / 1000} s`), START_MILLISECONDS);
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new Error(`cannot start a session in namespaces: ${[reason, complaint.trim()].filter(Boolean).join(': ')}`));
    };
    holder.once('error', (error) => fail(error.message));
    holder.once('close', (code, signal) => fail(`set-up ended with ${signal ?? code}`));
    holder.stderr!.on('data', (chunk: Buffer) => { complaint = (complaint + chunk.toString()).slice(-2_000); });
    holder.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const pid = /^ready (\d+)\n/.exec(output)?.[1];
      if (pid === undefined) return;
      clearTimeout(timer);
      resolve(Number(pid));
    });
  });
}

function whenExited(holder: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (holder.exitCode !== null || holder.signalCode !== null) resolve();
    else holder.once('exit', () => resolve());
  });
}

/** A directory for mount points whose name means nothing to mount's option parser. */
function mountableTmpdir(): string {
  const directory = realpathSync(tmpdir());
  return /^[A-Za-z0-9._/-]+$/.test(directory) ? directory : '/tmp';
}
