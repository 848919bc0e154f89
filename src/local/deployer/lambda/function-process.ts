import { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Clock } from '../../../client/clock';
import { isObject } from '../json';
import { ADMINISTRATOR_KEY } from '../local-iam';
import { BOOTSTRAP_SOURCE } from './bootstrap-source';
import { functionEnvironment } from './environment';
import { FunctionLogLine, LocalFunction } from './function';
import { eachLine } from './lines';

/** How one invocation of a function ended. */
export type InvocationOutcome = { readonly result: unknown } | FailedInvocation;

/** An error of a function, or that it did not come to its end. */
export interface FailedInvocation {
  /** All of it, in one line. */
  readonly error: string;
  /** What Step Functions calls it; absent where the function could not be called. */
  readonly name?: string;
  /** The message alone. */
  readonly message?: string;
}

export interface RunnerOptions {
  /** Where the local AgentCore answers. */
  readonly endpoint: string;
  /** Where Lambda's Invoke answers; asked for once a function runs. */
  readonly lambdaEndpoint: () => Promise<string>;
  /** The key that a function signs its calls with; that of the administrator by default. */
  readonly accessKeyOf?: (target: LocalFunction) => Promise<string>;
  readonly clock: Clock;
  readonly onLog: (line: FunctionLogLine) => void;
}

/** What is known of the invocation that runs. */
interface Invocation {
  readonly requestId: string;
  /** What the process writes to a stream once it has written all that the invocation did. */
  readonly mark: string;
  /** How often the mark is still to come. */
  marks: number;
  told?: string;
  readonly onTold: () => void;
}

/** Why a function cannot run here. */
export function refusalOf({ name, runtime, codeDirectory }: LocalFunction): FailedInvocation | undefined {
  if (!/^nodejs/.test(runtime)) return { error: `function ${name} has runtime ${runtime}; only nodejs runtimes run locally` };
  return codeDirectory === undefined ? { error: `function ${name} has no code that can run locally` } : undefined;
}

/** What has become of an invocation whose process was killed. */
export const KILLED: FailedInvocation = { error: 'Runtime exited with error: signal SIGKILL', name: 'Runtime.ExitError' };

/**
 * A process that runs a function, one invocation after the other, with its modules and what they keep in memory: an execution
 * environment of Lambda. Unlike there, nothing freezes it between two invocations.
 */
export class FunctionProcess {
  /**
   * Starts a process; it is to be ended by `end`.
   *
   * @param target a function that can run here
   * @param requestId the request that calls of the function count for
   */
  public static async start(target: LocalFunction, options: RunnerOptions, requestId: string): Promise<FunctionProcess> {
    const scratch = await mkdtemp(join(tmpdir(), 'agentcore-function-'));
    try {
      // a copy outside of any project: the function finds no modules but its own, and cannot change what is deployed
      const taskRoot = join(scratch, 'task');
      await cp(target.codeDirectory!, taskRoot, { recursive: true, verbatimSymlinks: true });
      const endpoints = { agentCore: options.endpoint, lambda: await options.lambdaEndpoint() };
      const accessKeyId = await options.accessKeyOf?.(target) ?? ADMINISTRATOR_KEY;
      const logStreamName = logStream(options.clock);
      const child = spawn(process.execPath, ['-e', BOOTSTRAP_SOURCE], {
        cwd: taskRoot,
        env: functionEnvironment(target, endpoints, { requestId, taskRoot, logStreamName, accessKeyId }),
        stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
        // its own process group, so that its children end with it
        detached: true,
      });
      return new FunctionProcess(target, options, child, scratch, logStreamName);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  /** How the process ended. */
  private readonly ended: Promise<string>;
  private readonly stdin: Writable;
  private current?: Invocation;
  private over = false;
  private lastRequest = '';

  private constructor(
    private readonly target: LocalFunction, private readonly options: RunnerOptions, private readonly child: ChildProcess,
    private readonly scratch: string, private readonly logStreamName: string,
  ) {
    const [stdin, stdout, stderr, outcomes] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
    this.stdin = stdin;
    eachLine(stdout, (line) => this.take('stdout', line));
    eachLine(stderr, (line) => this.take('stderr', line));
    eachLine(outcomes, (line) => {
      if (this.current) this.current.told = line;
      this.check();
    });
    // a child that ends before it has read its event says so by its exit
    stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const over = (how: string) => {
        this.over = true;
        resolve(how);
      };
      child.on('error', (error) => over(`the function's process could not be started: ${error.message}`));
      child.on('exit', (code, signal) => {
        this.over = true;
        endGroup(child.pid);
        child.once('close', () => over(signal ? `signal ${signal}` : `exit status ${code}`));
      });
    });
  }

  /** Whether it takes no further invocation. */
  public get isOver(): boolean {
    return this.over;
  }

  /**
   * Runs the function once, not while another invocation runs; errors and time-outs of the function are outcomes, not exceptions.
   *
   * @param kill ends the process where it stands
   */
  public async invoke(event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    const { target, options: { clock }, child } = this;
    const mark = randomBytes(16).toString('hex');
    const told = new Promise<undefined>((resolve) => {
      this.current = { requestId, mark, marks: 2, onTold: () => resolve(undefined) };
    });
    const invocation = this.current!;
    this.stdin.write(`${JSON.stringify({
      mark,
      taskRoot: join(this.scratch, 'task'),
      handler: target.handler,
      event,
      timeoutMillis: target.timeoutSeconds * 1_000,
      context: contextOf(target, requestId, this.logStreamName),
    })}\n`);

    const timer = new AbortController();
    let timedOut = false;
    const timeout = clock.sleep(target.timeoutSeconds * 1_000, timer.signal).then(() => {
      timedOut = true;
      this.kill();
    }, () => undefined);
    const killNow = () => this.kill();
    if (kill?.aborted) killNow();
    kill?.addEventListener('abort', killNow);
    const end = await Promise.race([told, this.ended]);
    // the number of an ended process may belong to another one soon
    kill?.removeEventListener('abort', killNow);
    timer.abort();
    await timeout;
    this.current = undefined;
    this.lastRequest = requestId;
    if (timedOut) {
      await this.ended;
      return { error: `Task timed out after ${target.timeoutSeconds.toFixed(2)} seconds`, name: 'Sandbox.Timedout' };
    }
    if (invocation.told === undefined) return { error: `Runtime exited with error: ${end ?? `no outcome of process ${child.pid}`}`, name: 'Runtime.ExitError' };
    return this.outcomeOf(JSON.parse(invocation.told));
  }

  /** Ends the process with all that it has started. */
  public async end(): Promise<void> {
    this.kill();
    await this.ended;
    await rm(this.scratch, { recursive: true, force: true });
  }

  private kill(): void {
    if (!this.over) endGroup(this.child.pid);
    this.over = true;
  }

  private take(stream: 'stdout' | 'stderr', line: string): void {
    const { current, target, options: { onLog } } = this;
    const isEnd = current !== undefined && line.endsWith(current.mark);
    const written = isEnd ? line.slice(0, -current.mark.length) : line;
    if (!isEnd || written !== '') onLog({ functionName: target.name, requestId: current?.requestId ?? this.lastRequest, stream, line: written });
    if (isEnd) current.marks--;
    this.check();
  }

  private check(): void {
    if (this.current?.told !== undefined && this.current.marks === 0) this.current.onTold();
  }

  private outcomeOf(outcome: unknown): InvocationOutcome {
    if (isObject(outcome) && outcome.last === true) this.over = true;
    if (isObject(outcome) && isObject(outcome.error)) {
      const [name, message] = [String(outcome.error.type), String(outcome.error.message)];
      return { error: `${name}: ${message}`, name, message };
    }
    return { result: isObject(outcome) ? outcome.result : null };
  }
}

function contextOf(target: LocalFunction, requestId: string, logStreamName: string): object {
  return {
    awsRequestId: requestId,
    functionName: target.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: target.arn,
    memoryLimitInMB: String(target.memoryMegabytes),
    logGroupName: target.logGroupName,
    logStreamName,
  };
}

function logStream(clock: Clock): string {
  const day = new Date(clock.now()).toISOString().slice(0, 10).replace(/-/g, '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}

/** Ends a child with all that it has started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
