import { setImmediate as turn } from 'node:timers/promises';
import { ContextValues } from './definition';

/** What the interpreter tells of an execution while it runs. */
export interface InterpreterEvent {
  readonly type: string;
  readonly timestamp: number;
  readonly state?: { readonly name: string; readonly type: string; readonly input?: unknown; readonly output?: unknown };
  readonly Error?: string;
  readonly Cause?: unknown;
}

/** Keeps what the interpreter does not tell its tasks: when their state was entered, and how often it was retried. */
export class Visits {
  private readonly entered = new Map<string, { readonly time: number; retries: number }>();
  private last = 0;

  public take({ type, timestamp, state }: InterpreterEvent): void {
    if (!state) return;
    if (type === 'StateEntered') {
      // never the same time twice: it tells one visit of a state from the next
      this.last = Math.max(timestamp, this.last + 1);
      this.entered.set(state.name, { time: this.last, retries: 0 });
    }
    const visit = this.entered.get(state.name);
    if (type === 'StateRetried' && visit) visit.retries++;
  }

  /** What the marks of a state stand for in its current visit. */
  public async marksOf(name: string): Promise<ContextValues> {
    // the events of this visit are on their way
    await turn();
    const { time, retries } = this.entered.get(name)!;
    return { '$$.State.Name': name, '$$.State.EnteredTime': new Date(time).toISOString(), '$$.State.RetryCount': retries };
  }
}
