import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Clock } from '../../../client/clock';
import { isObject } from '../json';
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
  readonly clock: Clock;
  readonly onLog: (line: FunctionLogLine) => void;
}

/** Runs Lambda functions, each invocation in a fresh process. */
export class LambdaRunner {
  constructor(private readonly options: RunnerOptions) {}

  /** Runs a function once; errors and time-outs of the function are outcomes, not exceptions. */
  public async invoke(target: LocalFunction, event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    if (!/^nodejs/.test(target.runtime)) return { error: `function ${target.name} has runtime ${target.runtime}; only nodejs runtimes run locally` };
    if (target.codeDirectory === undefined) return { error: `function ${target.name} has no code that can run locally` };
    const scratch = await mkdtemp(join(tmpdir(), 'agentcore-function-'));
    try {
      // a copy outside of any project: the function finds no modules but its own, and cannot change what is deployed
      const taskRoot = join(scratch, 'task');
      await cp(target.codeDirectory, taskRoot, { recursive: true, verbatimSymlinks: true });
      return await this.run(target, event, requestId, taskRoot, kill);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  private async run(target: LocalFunction, event: unknown, requestId: string, taskRoot: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    const { clock, endpoint, lambdaEndpoint, onLog } = this.options;
    const endpoints = { agentCore: endpoint, lambda: await lambdaEndpoint() };
    const logStreamName = logStream(clock);
    const child = spawn(process.execPath, ['-e', BOOTSTRAP_SOURCE], {
      cwd: taskRoot,
      env: functionEnvironment(target, endpoints, { requestId, taskRoot, logStreamName }),
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // its own process group, so that its children end with it
      detached: true,
    });
    const [stdin, stdout, stderr, outcome] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
    const log = (stream: 'stdout' | 'stderr') => (line: string) => onLog({ functionName: target.name, requestId, stream, line });
    eachLine(stdout, log('stdout'));
    eachLine(stderr, log('stderr'));
    let told = '';
    outcome.setEncoding('utf8').on('data', (chunk: string) => {
      told += chunk;
    });
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(`the function's process could not be started: ${error.message}`));
      child.on('exit', (code, signal) => {
        endGroup(child.pid);
        child.once('close', () => resolve(signal ? `signal ${signal}` : `exit status ${code}`));
      });
    });
    // a child that ends before it has read its event says so by its exit
    stdin.on('error', () => undefined);
    stdin.write(`${JSON.stringify({
      taskRoot,
      handler: target.handler,
      event,
      timeoutMillis: target.timeoutSeconds * 1_000,
      context: contextOf(target, requestId, logStreamName),
    })}\n`);

    const timer = new AbortController();
    let timedOut = false;
    const timeout = clock.sleep(target.timeoutSeconds * 1_000, timer.signal).then(() => {
      timedOut = true;
      endGroup(child.pid);
    }, () => undefined);
    const killNow = () => endGroup(child.pid);
    if (kill?.aborted) killNow();
    kill?.addEventListener('abort', killNow);
    const end = await ended;
    // the number of an ended process may belong to another one soon
    kill?.removeEventListener('abort', killNow);
    timer.abort();
    await timeout;
    if (timedOut) return { error: `Task timed out after ${target.timeoutSeconds.toFixed(2)} seconds`, name: 'Sandbox.Timedout' };
    return outcomeOf(told, end);
  }
}

function outcomeOf(told: string, end: string): InvocationOutcome {
  if (told === '') {
    // the event loop ran empty before the function had returned: Lambda takes that for an empty result
    return end === 'exit status 0' ? { result: null } : { error: `Runtime exited with error: ${end}`, name: 'Runtime.ExitError' };
  }
  const outcome: unknown = JSON.parse(told);
  if (isObject(outcome) && isObject(outcome.error)) {
    const [name, message] = [String(outcome.error.type), String(outcome.error.message)];
    return { error: `${name}: ${message}`, name, message };
  }
  return { result: isObject(outcome) ? outcome.result : null };
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
