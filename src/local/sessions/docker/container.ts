import { ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { containerName } from './container-name';
import { docker } from './engine';
import { Compute, ComputeProcess, ComputeSpec, ExecOptions } from '../driver';
import { Child, startChild } from '../drivers/child';
import { forgetCompute, recordCompute } from '../drivers/compute-records';
import { MARKER_VARIABLE } from '../drivers/process-table';
import { findProgram } from '../drivers/search-path';

/** Variables that the `docker` program itself goes by: theirs cannot be handed over by its environment. */
const OF_THE_CLIENT = /^(?:PATH|HOME|DOCKER_|LD_|HTTPS?_PROXY|NO_PROXY|XDG_|TMPDIR)/i;

/** Where the ids of running commands are noted; every container has it. */
const NOTES = '/dev/shm';

export interface ContainerSpec extends ComputeSpec {
  readonly image: string;
  /** Where the agent listens inside. */
  readonly port: number;
}

/** Starts a container; leaves nothing behind where that fails. */
export async function startContainer(stateDir: string, spec: ContainerSpec): Promise<ContainerCompute> {
  const name = containerName(spec.id);
  const cleanUp = async () => {
    await docker(['rm', '--force', '--volumes', name]);
    forgetCompute(stateDir, spec.id);
  };
  recordCompute(stateDir, { id: spec.id, driver: 'docker' });
  try {
    const names = Object.entries(spec.environment).flatMap(([key, value]) => ['--env', OF_THE_CLIENT.test(key) ? `${key}=${value}` : key]);
    await docker([
      'run', '--detach', '--name', name, '--label', `agentcore-local=${spec.id}`, '--publish', `127.0.0.1::${spec.port}/tcp`,
      ...spec.mounts.flatMap(({ hostPath, mountPath }) => ['--mount', `type=bind,source=${realpathSync(hostPath)},target=${mountPath}`]),
      ...names, spec.image,
    ], { ...process.env, ...ofEnvironment(spec.environment) });
    const published = await docker(['port', name, `${spec.port}/tcp`]);
    const hostPort = Number(/^127\.0\.0\.1:(\d+)$/m.exec(published)?.[1]);
    if (!hostPort) throw new Error(`docker port: ${JSON.stringify(published)} names no port of 127.0.0.1`);
    return new ContainerCompute(spec, name, hostPort, cleanUp);
  } catch (error) {
    await cleanUp().catch(() => undefined);
    throw error;
  }
}

/** The variables that the client may see. */
function ofEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_THE_CLIENT.test(name)));
}

/** The compute of a session whose agent is a container image: commands run in the container too, as root. */
export class ContainerCompute implements Compute {
  public readonly ended: Promise<void>;
  /** The agent, which is the container's own program. */
  public readonly agent: Pick<ComputeProcess, 'stdout' | 'stderr' | 'exit'>;
  private readonly children = new Set<Child>();
  private stopping: Promise<void> | undefined;
  private hasEnded = false;

  constructor(
    private readonly spec: ComputeSpec, private readonly name: string, public readonly hostPort: number,
    private readonly cleanUp: () => Promise<void>,
  ) {
    const logs = this.client('logs', '--follow', name);
    const exit = exitCodeOf(this.client('wait', name));
    this.agent = { stdout: logs.stdout!, stderr: logs.stderr!, exit };
    this.ended = exit.then(() => { this.hasEnded = true; });
  }

  public exec(argv: readonly string[], { workingDirectory = '/', environment = {} }: ExecOptions = {}): ComputeProcess {
    if (this.hasEnded || this.stopping !== undefined) throw new Error(`compute ${this.spec.id} has ended, nothing can start in it`);
    const note = `${NOTES}/agentcore-${randomUUID()}`;
    const child = startChild(findProgram('docker'), [
      'exec', '--interactive', '--user', '0', '--workdir', workingDirectory,
      ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      this.name, '/bin/sh', '-c', `echo "$$" > ${note}; exec "$@"`, 'sh', ...argv,
    ], { env: { ...process.env, [MARKER_VARIABLE]: this.spec.id } as Record<string, string> });
    this.children.add(child);
    void child.ended.then(() => this.children.delete(child));
    const kill = () => {
      if (!this.children.has(child)) return;
      // the client alone is no more than a listener: what it has started leads a group in the container
      docker(['exec', '--user', '0', this.name, '/bin/sh', '-c', `read -r pid < ${note} && kill -9 "-$pid"`])
        .catch(() => undefined)
        .finally(() => child.kill());
    };
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit: child.exit, kill };
  }

  public stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await this.cleanUp();
    for (const child of this.children) child.kill();
    await this.ended;
  }

  private client(...args: readonly string[]): ChildProcess {
    return spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, [MARKER_VARIABLE]: this.spec.id } });
  }
}

/** The exit code that `docker wait` tells. */
function exitCodeOf(wait: ChildProcess): Promise<number> {
  let output = '';
  wait.stdout!.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  wait.stderr!.resume();
  return new Promise((resolve) => {
    wait.once('error', () => resolve(127));
    wait.once('close', () => resolve(/^\d+/.test(output) ? parseInt(output, 10) : 137));
  });
}
