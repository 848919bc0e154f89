import { InvocationOutcome } from '../lambda/function-process';

/** The invocations that belong to one request of CloudFormation: those that deliver it, and those that they ask for. */
export class RequestRuns {
  /** Whether nobody waits for the answer any more. */
  public settled = false;
  private readonly runs: Promise<InvocationOutcome>[] = [];

  public add(run: Promise<InvocationOutcome>): void {
    this.runs.push(run);
  }

  /** Waits until none is left, and tells of the last one that failed, or else of the last one. */
  public async ended(): Promise<InvocationOutcome> {
    let told: InvocationOutcome = { result: null };
    // only a run that has not ended adds another one, so the end of the list is the end of all
    for (let i = 0; i < this.runs.length; i++) {
      const outcome = await this.runs[i];
      if ('error' in outcome || !('error' in told)) told = outcome;
    }
    return told;
  }
}
