import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** The bundled `local start` as a process of its own, which can be killed at any moment. */
export class ServerProcess {
  /** Starts it on a free port, and returns when it has said that it is ready. */
  public static async start({ stateDir, driver, env }: ServerProcessOptions): Promise<ServerProcess> {
    const args = ['local', 'start', '--port', '0', '--state', stateDir, ...(driver === undefined ? [] : ['--driver', driver])];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
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
