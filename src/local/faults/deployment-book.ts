import { DeploymentFault, RequestType } from './deployment-faults';
import { isObject } from '../deployer/json';

/** What a fault is matched against: one event, or one step of a resource. */
export interface FaultSubject {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly request: RequestType;
}

/** What became of one fault of a plan. */
export interface AppliedFault {
  /** Its place in the plan, from 0. */
  readonly index: number;
  readonly kind: DeploymentFault['kind'];
  /** How often it has struck. */
  readonly applied: number;
  /** What was seen while it did, in order. */
  readonly observations: readonly string[];
}

/** A fault that was chosen for one subject. */
export interface Strike<F extends DeploymentFault = DeploymentFault> {
  readonly fault: F;
  /** Counts it, and says what it did. */
  apply(observation: string): void;
  /** Says what was seen. */
  observe(observation: string): void;
}

/** Chooses the faults of a kind that strike a subject; those of an event hear of its answers. */
export type TakeStrikes = <K extends DeploymentFault['kind']>(
  kind: K, subject: FaultSubject, requestId?: string,
) => Strike<Extract<DeploymentFault, { kind: K }>>[];

interface Page { readonly fault: DeploymentFault; seen: number; applied: number; readonly observations: string[] }

/** Chooses faults for what happens, and keeps account of them. */
export class FaultBook {
  private readonly pages: readonly Page[];

  /** @param onNotice takes a line as it is written into the book */
  constructor(faults: readonly DeploymentFault[], private readonly onNotice: (notice: string) => void) {
    this.pages = faults.map((fault) => ({ fault, seen: 0, applied: 0, observations: [] }));
  }

  /** The faults of a kind that strike now; each call counts for `skip` and `times`. */
  public take<K extends DeploymentFault['kind']>(kind: K, subject: FaultSubject): Strike<Extract<DeploymentFault, { kind: K }>>[] {
    return this.pages
      .filter((page) => page.fault.kind === kind && matches(page.fault, subject))
      .filter((page) => {
        const turn = page.seen++ - page.fault.skip;
        return turn >= 0 && turn < page.fault.times;
      })
      .map((page) => this.strike(page, subject) as Strike<Extract<DeploymentFault, { kind: K }>>);
  }

  public get applied(): readonly AppliedFault[] {
    return this.pages.map(({ fault, applied, observations }, index) => ({ index, kind: fault.kind, applied, observations: [...observations] }));
  }

  private strike(page: Page, { logicalId, request }: FaultSubject): Strike {
    const observe = (observation: string) => {
      const line = `${logicalId} ${request}: ${observation}`;
      page.observations.push(line);
      this.onNotice(`fault plan: deployment[${this.pages.indexOf(page)}] ${page.fault.kind}: ${line}`);
    };
    const apply = (observation: string) => {
      page.applied++;
      observe(observation);
    };
    return { fault: page.fault, apply, observe };
  }
}

function matches(fault: DeploymentFault, { stack, logicalId, type, request }: FaultSubject): boolean {
  return fits(fault.stack, stack) && fits(fault.logicalId, logicalId) && fits(fault.resourceType, type) && fault.request.includes(request);
}

function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** What an event of the custom-resource protocol is about; undefined for whatever else a function may be called with. */
export function subjectOf(event: unknown): FaultSubject | undefined {
  if (!isObject(event)) return undefined;
  const { StackId: stackId, LogicalResourceId: logicalId, ResourceType: type, RequestType: request } = event;
  if (![stackId, logicalId, type, request].every((value) => typeof value === 'string')) return undefined;
  // arn:aws:cloudformation:region:account:stack/NAME/id
  return { stack: String(stackId).split('/')[1], logicalId: String(logicalId), type: String(type), request: request as RequestType };
}
