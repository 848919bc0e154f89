import { KIND_SHAPES, SERVICE_FAULT_SHAPES } from './service-fault-shapes';
import { ErrorName } from '../../service/errors';
import { describe, violations } from '../../service/model/validate';
import { ResourceStatus } from '../../service/status';
import { LOGS_OPERATIONS } from '../server/logs/logs-model';

/** Which calls a fault strikes: those of its operation (and runtime), without the first `skip`, at most `times`. */
export interface ServiceFaultMatch {
  readonly operation: string;
  /** The name of a runtime; calls for all of them unless given. */
  readonly runtime?: string;
  readonly skip: number;
  /** `Infinity` for always. */
  readonly times: number;
}

/** The call is answered with an error and nothing is done. */
export interface ErrorFault extends ServiceFaultMatch { readonly kind: 'error'; readonly error: ErrorName; readonly message?: string }

/** The call fails as long as a new role, or its permission to pull the image, has not spread to the service. */
export interface PropagationFault extends ServiceFaultMatch { readonly kind: 'roleNotPropagated' | 'imageAccessNotPropagated' }

/** The call fails because the service could not create its service-linked role in the account. */
export interface LinkedRoleFault extends ServiceFaultMatch {
  readonly kind: 'serviceLinkedRoleNotCreated';
  /** `ServiceQuotaExceededException` when IAM throttles. @default ValidationException */
  readonly error?: 'ValidationException' | 'ServiceQuotaExceededException';
}

/** Where the call would be answered with ResourceNotFoundException, access is denied; only such calls count. */
export interface GoneFault extends ServiceFaultMatch { readonly kind: 'accessDeniedWhenGone' }

/** The connection is reset, before or after the work is done. */
export interface LostFault extends ServiceFaultMatch { readonly kind: 'loseRequest' | 'loseAnswer' }

/** A command's event stream goes wrong. */
export interface StreamServiceFault extends ServiceFaultMatch {
  readonly kind: 'cutStream' | 'endStream' | 'streamException' | 'halfFrame' | 'damagedFrame' | 'timedOut';
  /** It strikes once so many deltas were sent, 0 for right after contentStart; in place of contentStop unless given, and then at the latest. */
  readonly afterDeltas?: number;
  /** What becomes of a command that still runs; it continues unless told, but for `timedOut`. */
  readonly command?: 'continues' | 'ends';
  /** For `streamException`. */
  readonly error?: ErrorName;
  readonly message?: string;
}

/** Reads see these states one after the other, in place of the true one. */
export interface StatusFault extends ServiceFaultMatch {
  readonly kind: 'status';
  readonly statuses: readonly ResourceStatus[];
  readonly failureReason?: string;
}

/** What the call began takes a number of reads, or fails in the end, or both. */
export interface TransitionFault extends ServiceFaultMatch {
  readonly kind: 'slowTransition' | 'failedTransition';
  /** How many reads still see the transition. */
  readonly reads?: number;
  /** For `failedTransition`. */
  readonly failureReason?: string;
}

/** One entry of the part `service` of a fault plan, with its defaults filled in. */
export type ServiceFault =
  | ErrorFault | PropagationFault | LinkedRoleFault | GoneFault | LostFault | StreamServiceFault | StatusFault | TransitionFault;

/**
 * Reads the part `service` of a fault plan.
 *
 * @returns the faults, and one line for each thing that is wrong; faults count only where there is none
 */
export function parseServiceFaults(value: unknown): { faults: ServiceFault[]; errors: string[] } {
  if (value === undefined) return { faults: [], errors: [] };
  if (!Array.isArray(value)) return { faults: [], errors: [`service: ${describe(value)} is not a list of faults`] };
  const errors = value.flatMap((entry, i) => faultsOf(entry, `service[${i}]`));
  return { errors, faults: errors.length > 0 ? [] : value.map(withDefaults) };
}

function faultsOf(entry: unknown, path: string): string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [`${path}: ${describe(entry)} is not an object with a "kind"`];
  const { times, ...rest } = entry as Record<string, unknown>;
  const { kind, operation, runtime } = rest;
  const shape = KIND_SHAPES.get(kind as string);
  if (!shape) return [`${path}.kind: ${describe(kind)} is not one of ${[...KIND_SHAPES.keys()].join(', ')}`];
  const found = violations(SERVICE_FAULT_SHAPES, shape, rest, path).map((violation) => `${violation.path}: ${violation.message}`);
  if (times !== undefined && times !== 'always' && !(Number.isSafeInteger(times) && (times as number) >= 1)) {
    found.push(`${path}.times: ${describe(times)} is neither a whole number from 1 nor "always"`);
  }
  if (runtime !== undefined && LOGS_OPERATIONS.includes(operation as string)) {
    found.push(`${path}.runtime: ${describe(runtime)} cannot be matched, because ${operation} names no runtime; leave it out`);
  }
  return found;
}

function withDefaults(entry: { times?: unknown; skip?: number }): ServiceFault {
  return { ...entry, skip: entry.skip ?? 0, times: entry.times === 'always' ? Infinity : entry.times ?? 1 } as ServiceFault;
}
