import { Moment } from './deployment-faults';
import { Clock } from '../../client/clock';
import { isOfWholeStack, StackEvent } from '../deployer/engine/events';
import { FunctionLogLine } from '../deployer/lambda/function';

/** Whose moment it is. */
export interface MomentSubject {
  readonly stack: string;
  readonly logicalId: string;
  readonly requestId: string;
}

/** Something that happened which a moment may have waited for. */
export type Happening =
  | { readonly log: FunctionLogLine }
  | { readonly status: StackEvent }
  | { readonly answered: string }
  | { readonly ended: string };

interface Waiter { readonly isIt: (happening: Happening) => boolean; readonly settle: (came: boolean) => void }

/** Knows when the moments of a fault plan have come. */
export class Moments {
  private readonly waiters = new Set<Waiter>();
  /** Those that wait for stacks rather than for a function. */
  private readonly untilClose = new Set<Waiter>();
  private closed = false;

  constructor(private readonly clock: Clock) {}

  /** Resolves to true when the moment has come, to false once it cannot come any more or the signal has aborted. */
  public async comes(moment: Moment, subject: MomentSubject, signal: AbortSignal): Promise<boolean> {
    if (moment === 'immediately') return true;
    if (signal.aborted) return false;
    if (typeof moment === 'object' && 'afterMillis' in moment) {
      // a clock's sleep rejects only when the signal aborts
      return this.clock.sleep(moment.afterMillis, signal).then(() => true, () => false);
    }
    if (this.closed && !belongsToRequest(moment)) return false;
    return new Promise((resolve) => {
      const waiter: Waiter = {
        isIt: (happening) => isMoment(moment, subject, happening),
        settle: (came) => {
          this.waiters.delete(waiter);
          this.untilClose.delete(waiter);
          signal.removeEventListener('abort', missed);
          resolve(came);
        },
      };
      const missed = () => waiter.settle(false);
      signal.addEventListener('abort', missed);
      this.waiters.add(waiter);
      if (!belongsToRequest(moment)) this.untilClose.add(waiter);
    });
  }

  public happened(happening: Happening): void {
    for (const waiter of [...this.waiters]) {
      if (waiter.isIt(happening)) waiter.settle(true);
    }
  }

  /** To be called when nothing more happens to stacks. */
  public close(): void {
    this.closed = true;
    for (const waiter of [...this.untilClose]) waiter.settle(false);
  }
}

/** Whether a moment can come only while the function runs for the event. */
export function belongsToRequest(moment: Moment): boolean {
  return moment === 'answer' || moment === 'end' || (typeof moment === 'object' && 'afterLogLine' in moment);
}

/** Whether a moment comes by itself. */
export function hasItsTime(moment: Moment): boolean {
  return moment === 'immediately' || (typeof moment === 'object' && 'afterMillis' in moment);
}

function isMoment(moment: Moment, { stack, logicalId, requestId }: MomentSubject, happening: Happening): boolean {
  if ('answered' in happening) return moment === 'answer' && happening.answered === requestId;
  if ('ended' in happening) return moment === 'end' && happening.ended === requestId;
  if ('log' in happening) {
    return typeof moment === 'object' && 'afterLogLine' in moment && happening.log.requestId === requestId && happening.log.line.includes(moment.afterLogLine);
  }
  const { status: event } = happening;
  if (event.stackName !== stack || isOfWholeStack(event)) return false;
  if (moment === 'siblingFailure') return event.logicalId !== logicalId && ['CREATE_FAILED', 'UPDATE_FAILED'].includes(event.status);
  return typeof moment === 'object' && 'afterStatus' in moment && event.logicalId === (moment.of ?? logicalId) && event.status === moment.afterStatus;
}
