import { Invoker } from './asynchronous';
import { LocalFunction } from './function';
import { FunctionProcess, InvocationOutcome, KILLED, refusalOf, RunnerOptions } from './function-process';

/** How many processes there are at once; each is a Node.js of its own. */
const MOST_PROCESSES = 32;

/** A process that waits for its next invocation. */
interface IdleProcess {
  readonly key: string;
  readonly process: FunctionProcess;
}

/**
 * Runs Lambda functions in processes that stay for further invocations, as Lambda's execution environments do: as many as are
 * needed at once, up to a bound; what comes then waits.
 */
export class WarmRunner implements Invoker {
  /** The one that was used last is at the end. */
  private readonly idle: IdleProcess[] = [];
  private readonly ending = new Set<Promise<void>>();
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly options: RunnerOptions, private readonly most: number = MOST_PROCESSES) {}

  /** Runs a function once; errors and time-outs of the function are outcomes, not exceptions. */
  public async invoke(target: LocalFunction, event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    const refusal = refusalOf(target);
    if (refusal) return refusal;
    if (this.running >= this.most) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.running++;
    try {
      if (kill?.aborted) return KILLED;
      return await this.run(target, event, requestId, kill);
    } finally {
      // whoever waits takes over the place
      const next = this.queue.shift();
      if (next) next();
      else this.running--;
    }
  }

  /** Ends all processes; to be called once nothing is invoked any more. */
  public async close(): Promise<void> {
    for (const { process } of this.idle.splice(0)) this.end(process);
    await Promise.all(this.ending);
  }

  private async run(target: LocalFunction, event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    // another code, or another environment, is another process
    const key = JSON.stringify(target);
    const process = this.take(key) ?? await this.start(target, requestId);
    try {
      return await process.invoke(event, requestId, kill);
    } finally {
      if (process.isOver) this.end(process);
      else this.idle.push({ key, process });
    }
  }

  private take(key: string): FunctionProcess | undefined {
    for (let i = this.idle.length - 1; i >= 0; i--) {
      if (this.idle[i].key !== key) continue;
      const [{ process }] = this.idle.splice(i, 1);
      if (!process.isOver) return process;
      this.end(process);
    }
    return undefined;
  }

  private async start(target: LocalFunction, requestId: string): Promise<FunctionProcess> {
    // those of other functions make room
    if (this.running + this.idle.length > this.most) this.end(this.idle.shift()!.process);
    return FunctionProcess.start(target, this.options, requestId);
  }

  private end(process: FunctionProcess): void {
    const ended = process.end().finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }
}
