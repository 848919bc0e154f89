import { LocalFunction } from './function';
import { FunctionProcess, InvocationOutcome, refusalOf, RunnerOptions } from './function-process';

/** Runs Lambda functions, each invocation in a fresh process. */
export class LambdaRunner {
  constructor(private readonly options: RunnerOptions) {}

  /** Runs a function once; errors and time-outs of the function are outcomes, not exceptions. */
  public async invoke(target: LocalFunction, event: unknown, requestId: string, kill?: AbortSignal): Promise<InvocationOutcome> {
    const refusal = refusalOf(target);
    if (refusal) return refusal;
    const process = await FunctionProcess.start(target, this.options, requestId);
    try {
      return await process.invoke(event, requestId, kill);
    } finally {
      await process.end();
    }
  }
}
