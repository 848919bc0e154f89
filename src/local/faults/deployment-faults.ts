import { DeploymentFaultReader } from './deployment-reader';
import { ResourceStatus } from '../deployer/engine/events';
import { CustomResourceEvent } from '../deployer/protocol/event';

export type RequestType = CustomResourceEvent['RequestType'];

/**
 * When a fault strikes, seen from one event.
 *
 * `answer`: once its answer has been taken; `end`: once its first delivery has ended; `siblingFailure`: once another
 * resource of the stack has failed; `afterLogLine`: once the function has written a line for this event that contains the
 * text; `afterStatus`: once the stack has told of that status, `of` the resource itself unless another one is named.
 */
export type Moment =
  | 'immediately' | 'answer' | 'end' | 'siblingFailure'
  | { readonly afterMillis: number }
  | { readonly afterLogLine: string }
  | { readonly afterStatus: ResourceStatus; readonly of?: string };

/** Which events a fault strikes: those that match all that is given, without the first `skip`, at most `times`. */
export interface FaultMatch {
  /** With `*` at its end a prefix, because the CDK puts a hash behind logical ids. */
  readonly logicalId?: string;
  /** With `*` at its end a prefix. */
  readonly resourceType?: string;
  readonly stack?: string;
  readonly request: readonly RequestType[];
  readonly skip: number;
  /** `Infinity` for always. */
  readonly times: number;
}

/** CloudFormation gives up a creation or an update that still runs, because a sibling has failed; then it rolls back. */
export interface CancelFault extends FaultMatch { readonly kind: 'cancel'; readonly at: Moment }

/** CloudFormation has waited as long as ServiceTimeout says. */
export interface ServiceTimeoutFault extends FaultMatch { readonly kind: 'serviceTimeout'; readonly at: Moment }

/** The same event, with the same RequestId, is delivered `copies` more times. */
export interface DuplicateFault extends FaultMatch { readonly kind: 'duplicate'; readonly copies: number; readonly at: Moment }

/** A resource of any type counts as failed after it was created, updated or deleted. */
export interface FailFault extends FaultMatch { readonly kind: 'fail'; readonly reason: string }

/** A resource is deleted `deletes` times in all, each time with a RequestId of its own. */
export interface RepeatDeleteFault extends FaultMatch { readonly kind: 'repeatDelete'; readonly deletes: number; readonly concurrent: boolean }

/** The first `requests` PUTs to the ResponseURL of an event fare badly. */
export interface ResponseFault extends FaultMatch {
  readonly kind: 'response';
  readonly behaviour: 'status' | 'reset' | 'slow' | 'never';
  /** For `status`. */
  readonly status: number;
  /** For `slow`: how long the body lies there until it is answered. */
  readonly delayMillis: number;
  /** `Infinity` for all. */
  readonly requests: number;
  /** Whether the body counts although its sender does not hear so (in time). */
  readonly taken: boolean;
}

/** One invocation of the function gets so many seconds in place of its Timeout, and is ended then. */
export interface TimeoutFault extends FaultMatch { readonly kind: 'timeout'; readonly seconds: number }

/** The process of one invocation is killed. */
export interface CrashFault extends FaultMatch { readonly kind: 'crash'; readonly at: Moment }

/** The properties of an event get another shape; keys are paths with dots. */
export interface MangleFault extends FaultMatch {
  readonly kind: 'mangle';
  readonly in: readonly ('ResourceProperties' | 'OldResourceProperties')[];
  readonly drop: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly add: Readonly<Record<string, unknown>>;
  /** What is an object, a list or a number becomes its JSON text. */
  readonly stringify: readonly string[];
  /** Put in the place of the event's PhysicalResourceId. */
  readonly physicalId?: string;
}

/** Modules whose names begin so cannot be loaded, also not from the function's own code. */
export interface ModulesAbsentFault extends FaultMatch { readonly kind: 'modulesAbsent'; readonly modules: readonly string[] }

/** One entry of the part `deployment` of a fault plan, with its defaults filled in. */
export type DeploymentFault =
  | CancelFault | ServiceTimeoutFault | DuplicateFault | FailFault | RepeatDeleteFault | ResponseFault
  | TimeoutFault | CrashFault | MangleFault | ModulesAbsentFault;

/**
 * Reads the part `deployment` of a fault plan.
 *
 * @returns the faults, and one line for each thing that is wrong; faults count only where there is none
 */
export function parseDeploymentFaults(value: unknown): { faults: DeploymentFault[]; errors: string[] } {
  if (value === undefined) return { faults: [], errors: [] };
  if (!Array.isArray(value)) return { faults: [], errors: [`deployment: got ${JSON.stringify(value)}; use a list of faults`] };
  const errors: string[] = [];
  const faults = value.flatMap((entry, i) => {
    const reader = new DeploymentFaultReader(entry, `deployment[${i}]`);
    const fault = reader.fault();
    errors.push(...reader.errors);
    return fault ?? [];
  });
  return { faults: errors.length === 0 ? faults : [], errors };
}
