import { ServiceFault } from './service-faults';

/** One call as faults see it. */
export interface ServiceCall {
  readonly operation: string;
  /** The name of the runtime that it names. */
  readonly runtime?: string;
  /** Whether the call has been run already and what it names was not there. */
  readonly gone?: boolean;
}

/** A fault that a call meets. */
export interface DueFault {
  readonly fault: ServiceFault;
  /** Its place in the plan. */
  readonly index: number;
  /** How often it was applied before. */
  readonly earlier: number;
}

/** How a fault has fared. */
export interface ServiceFaultReport {
  readonly fault: ServiceFault;
  /** Calls that matched it, those that were skipped included. */
  readonly calls: number;
  readonly applied: number;
}

/**
 * The faults of a plan, and how often each was met.
 *
 * Every fault counts all calls that match it. Of those that are due a call meets the first one; the others stay due.
 */
export class ServiceFaultBook {
  private entries: { readonly fault: ServiceFault; calls: number; applied: number }[] = [];

  constructor(faults: readonly ServiceFault[] = []) {
    this.replace(faults);
  }

  /** Forgets the faults and their counts, and begins anew with others. */
  public replace(faults: readonly ServiceFault[]): void {
    this.entries = faults.map((fault) => ({ fault, calls: 0, applied: 0 }));
  }

  /** The fault that a call meets, if any; it counts as applied. */
  public take(call: ServiceCall): DueFault | undefined {
    const matching = this.entries.filter(({ fault }) => matches(fault, call));
    for (const entry of matching) entry.calls++;
    const due = matching.find(({ fault, calls, applied }) => calls > fault.skip && applied < this.limitOf(fault));
    return due && { fault: due.fault, index: this.entries.indexOf(due), earlier: due.applied++ };
  }

  /** How often a fault can be met; a sequence of states is met once for each of them. */
  public limitOf(fault: ServiceFault): number {
    return fault.kind === 'status' ? fault.times * fault.statuses.length : fault.times;
  }

  public report(): ServiceFaultReport[] {
    return this.entries.map((entry) => ({ ...entry }));
  }
}

function matches({ kind, operation, runtime }: ServiceFault, call: ServiceCall): boolean {
  return operation === call.operation && (runtime ?? call.runtime) === call.runtime && (kind === 'accessDeniedWhenGone') === (call.gone ?? false);
}
