import { ChildProcess } from 'node:child_process';
import { Compute, ComputeProcess, ComputeSpec, ExecOptions } from '../driver';
import { Child, IN_DIRECTORY, startChild } from './child';
import { labelOf } from './compute-records';
import { killGroupOf, killIfThere, signalIfThere } from './process-table';
import { findProgram, searchPath } from './search-path';

/** Longer than any healthy set-up takes; a mount may hang on a dead network file system. */
const START_MILLISECONDS = 30_000;

const WAKE_MILLISECONDS = 20;

/** A compute in namespaces of its own, which a holder keeps alive and `nsenter` enters. */
export class NamespaceCompute implements Compute {
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
    const environment = { PATH: searchPath(), HOME: '/root', ...this.spec.environment, ...options.environment };
    const { variables, program } = isHarmless(environment) ? { variables: environment, program: [] } : packEnvironment(environment);
    const child = startChild(findProgram('nsenter'), [
      '--target', String(this.target), '--mount', '--pid', '--ipc', '--uts',
      ...(this.userNamespace ? ['--user', '--preserve-credentials'] : []),
      ...program, '/bin/sh', '-c', `${IN_DIRECTORY}${labelOf(this.spec.id)}`, options.workingDirectory ?? '/', ...argv,
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
 * Whether an environment means nothing to the host's `nsenter`: no variable is one of those that its loader and its C library
 * go by. Of `PATH` it makes no use.
 */
function isHarmless(environment: Readonly<Record<string, string>>): boolean {
  return Object.keys(environment).every((name) => !/^(?:LD_|LC_|MALLOC_|GLIBC_|GCONV_|LIBMOUNT_|LANG|LOCPATH|NLSPATH|TZ)/.test(name));
}

/**
 * An environment under names that mean nothing to any program, and the program that unfolds it and runs what follows.
 *
 * A session's `LD_PRELOAD` is about programs inside, so the `nsenter` of the host must not see it; as arguments variables
 * would be seen by every user of the host.
 */
function packEnvironment(environment: Readonly<Record<string, string>>): { variables: Record<string, string>; program: string[] } {
  const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return {
    variables: Object.fromEntries(entries.map((entry, n) => [`AGENTCORE_LOCAL_VARIABLE_${n}`, entry])),
    program: ['/bin/sh', '-c', `exec ${findProgram('env')} -i -- ${entries.map((_, n) => `"$AGENTCORE_LOCAL_VARIABLE_${n}"`).join(' ')} "$0" "$@"`],
  };
}

/**
 * What follows `ready` in the holder's first line, once the root is built; throws with what the holder said where that fails.
 */
export function whenReady(holder: ChildProcess): Promise<string> {
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
      const rest = /^ready ?(\d*)\n/.exec(output)?.[1];
      if (rest === undefined) return;
      clearTimeout(timer);
      resolve(rest);
    });
  });
}

function whenExited(holder: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (holder.exitCode !== null || holder.signalCode !== null) resolve();
    else holder.once('exit', () => resolve());
  });
}
