import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DriverName } from '../../../../src/local/sessions';

const PROGRAM = join(__dirname, '../../../../bin/cdk-agentcore');

export interface ServerProcessOptions {
  readonly stateDir: string;
  readonly driver?: DriverName;
  /** Added to the environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

function spawnServer({ stateDir, driver, env }: ServerProcessOptions) {
  const args = ['local', 'start', '--port', '0', '--state', stateDir, ...(driver === undefined ? [] : ['--driver', driver])];
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
}

/** The bundled `local start` as a process of its own, which can be killed at any moment. */
export class ServerProcess {
  /** Starts it on a free port, and returns when it has said that it is ready. */
  public static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const child = spawnServer(options);
    const ended = once(child, 'exit');
    const said: string[] = [];
    createInterface(child.stderr).on('line', (line) => said.push(line));
    const [first] = await Promise.race([
      once(createInterface(child.stdout), 'line') as Promise<[string]>,
      ended.then(([code, signal]) => { throw new Error(`the server ended with ${signal ?? code} before it was ready:\n${said.join('\n')}`); }),
    ]);
    const { endpoint, driver: chosen } = JSON.parse(first);
    return new ServerProcess(child, ended, endpoint, chosen, said);
  }

  /** Starts it and kills it as soon as it has changed something in a directory. */
  public static async killAtFirstChange(directory: string, options: ServerProcessOptions): Promise<void> {
    const watcher = watch(directory);
    const changed = once(watcher, 'change');
    const child = spawnServer(options);
    const ended = once(child, 'exit');
    child.stdout.resume();
    child.stderr.resume();
    await Promise.race([changed, ended]);
    watcher.close();
    child.kill('SIGKILL');
    await ended;
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<unknown>,
    public readonly endpoint: string,
    public readonly driver: DriverName,
    /** The lines that it has written to standard error. */
    public readonly said: readonly string[],
  ) {}

  public get pid(): number {
    return this.child.pid!;
  }

  /** Ends it at once, as a crash would. */
  public async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Lets it end in order; returns its exit code. */
  public async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.child.exitCode;
  }
}
