import { Owner } from './contract/ownership';
import { Ledger } from './ledger';
import { Log } from './log';
import { Clock } from '../client/clock';

/** What a lifecycle is asked to do, freed of CloudFormation's wire format. */
export interface LifecycleRequest {
  readonly owner: Owner;
  /** The same for each delivery of one request, and for no other. */
  readonly requestId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly oldProperties: Readonly<Record<string, unknown>>;
  /** Absent while the resource is being created. */
  readonly physicalId?: string;
  /** Aborts shortly before the time for an answer runs out. */
  readonly signal: AbortSignal;
  /** When the signal aborts, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Where an earlier call of the provider has left off. */
  readonly continuation?: unknown;
}

export interface LifecycleResult {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a call of the provider came to. */
export type LifecycleOutcome =
  | LifecycleResult
  /** Another call for the same request answers. */
  | { readonly answeredElsewhere: true };

/** One kind of resource, from its creation to its end. */
export interface Lifecycle {
  create(request: LifecycleRequest): Promise<LifecycleOutcome>;
  /** Another physical id in the result means: replaced, delete the old one. */
  update(request: LifecycleRequest & { readonly physicalId: string }): Promise<LifecycleOutcome>;
  /** Nothing in the result means: done. */
  remove(request: LifecycleRequest & { readonly physicalId: string }): Promise<LifecycleOutcome | void>;
  /** The id to answer with where no better one is known. */
  fallbackId(request: LifecycleRequest): string;
}

export interface LifecycleContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
}

/** A failure that carries the id under which CloudFormation should go on knowing the resource. */
export class ResourceFailure extends Error {
  public readonly name = 'ResourceFailure';

  constructor(message: string, public readonly physicalId?: string, cause?: unknown) {
    super(message, { cause });
  }
}
