import { ServerResponse } from 'node:http';
import { deniedWhenGone, errorOf, isTransition } from './call-fault';
import { Holds } from './holds';
import { parseRuntimeArn } from '../../../service/arn';
import { isRuntimeId } from '../../../service/names';
import { DueFault, ServiceFaultBook } from '../../faults/service-fault-book';
import { ServiceFault } from '../../faults/service-faults';
import { ServiceError } from '../../service-error';
import { Log } from '../clock';
import { Exchange } from '../http-server';

export interface FaultedCall {
  readonly operation: string;
  readonly input: object;
}

/** The reads after which a transition that is held goes on. */
const COUNTED_READS = ['GetAgentRuntime', 'GetAgentRuntimeEndpoint', 'GetCapacityProvider'];

/** Stands between the requests and the operations, and lets go wrong what a fault plan says. */
export class FaultLayer {
  constructor(private readonly book: ServiceFaultBook, private readonly holds: Holds, private readonly log: Log) {}

  /**
   * Runs one call under the fault that it meets, if any.
   *
   * @param work does the work and sends the answer
   */
  public async around(call: FaultedCall, exchange: Exchange, work: (due?: DueFault) => Promise<void>): Promise<void> {
    const due = this.take(call, false);
    const error = due && errorOf(due, call.input);
    if (error) throw error;
    const { kind } = due?.fault ?? {};
    if (kind === 'loseRequest') return reset(exchange);
    if (kind === 'loseAnswer') loseAnswer(exchange);
    try {
      await work(due);
    } catch (thrown) {
      throw this.instead(call, thrown);
    } finally {
      if (kind === 'loseAnswer') reset(exchange);
    }
  }

  /** What the control plane answers in place of an operation's output. */
  public async answer({ operation, input }: FaultedCall, due: DueFault | undefined, output: object): Promise<object> {
    const id = idOf(output) ?? idOf(input);
    if (id !== undefined) {
      if (due && isTransition(due.fault) && due.fault.reads !== undefined) this.holds.hold(id, due.fault.reads);
      if (COUNTED_READS.includes(operation)) await this.holds.countRead(id);
    }
    if (due?.fault.kind !== 'status') return output;
    const { statuses, failureReason } = due.fault;
    const status = statuses[due.earlier % statuses.length];
    const reason = status.endsWith('_FAILED') ? failureReason : undefined;
    if (operation !== 'GetCapacityProvider') return { ...output, status, failureReason: reason };
    return { ...output, status, statusReason: reason, statusCode: reason === undefined ? undefined : 'VALIDATION_ERROR' };
  }

  /** How often each fault was met. */
  public report(): object[] {
    return this.book.report().map(({ fault, calls, applied }) => ({ fault: asInPlan(fault), calls, applied }));
  }

  /** Begins anew with other faults; transitions that were held go on. */
  public async replace(faults: readonly ServiceFault[]): Promise<void> {
    this.book.replace(faults);
    await this.holds.release();
  }

  private instead(call: FaultedCall, thrown: unknown): unknown {
    if (!(thrown instanceof ServiceError) || thrown.name !== 'ResourceNotFoundException') return thrown;
    const due = this.take(call, true);
    return due?.fault.kind === 'accessDeniedWhenGone' ? deniedWhenGone(due.fault, resourceOf(call.input) ?? '*') : thrown;
  }

  private take({ operation, input }: FaultedCall, gone: boolean): DueFault | undefined {
    const runtime = runtimeNameOf(input);
    const due = this.book.take({ operation, runtime, gone });
    if (due) {
      const { kind, times } = due.fault;
      const count = `${due.earlier + 1}${times === Infinity ? '' : ` of ${this.book.limitOf(due.fault)}`}`;
      this.log(`fault plan: service[${due.index}] ${kind} strikes ${operation}${runtime === undefined ? '' : ` of ${runtime}`} (${count})`);
    }
    return due;
  }
}

interface RuntimeNames {
  readonly agentRuntimeName?: string;
  readonly agentRuntimeId?: string;
  readonly capacityProviderId?: string;
  readonly agentRuntimeArn?: string;
  readonly resourceArn?: string;
}

/** The id of the runtime, or of the capacity provider, that an input or an output names. */
function idOf(names: object): string | undefined {
  const { agentRuntimeId, capacityProviderId } = names as RuntimeNames;
  return agentRuntimeId ?? capacityProviderId;
}

function resourceOf(input: object): string | undefined {
  const { agentRuntimeArn, resourceArn, agentRuntimeId, capacityProviderId } = input as RuntimeNames;
  return agentRuntimeArn ?? resourceArn ?? agentRuntimeId ?? capacityProviderId;
}

/** The name of the runtime that an input names; an id begins with it, also that of a runtime which is gone. */
function runtimeNameOf(input: object): string | undefined {
  const { capacityProviderId } = input as RuntimeNames;
  const resource = capacityProviderId === undefined ? resourceOf(input) : undefined;
  if (resource === undefined) return (input as RuntimeNames).agentRuntimeName;
  const id = parseRuntimeArn(resource)?.runtimeId ?? resource;
  return isRuntimeId(id) ? id.slice(0, id.lastIndexOf('-')) : undefined;
}

function reset({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}

/** Lets the work be done whose answer nobody gets: what it sends goes nowhere, and its end resets the connection. */
function loseAnswer(exchange: Exchange): void {
  const { response } = exchange;
  const lost: Partial<ServerResponse> = {
    writeHead: () => response,
    flushHeaders: () => undefined,
    write: () => true,
    end: () => {
      reset(exchange);
      return response;
    },
  };
  Object.assign(response, lost);
}

function asInPlan(fault: ServiceFault): object {
  return { ...fault, times: fault.times === Infinity ? 'always' : fault.times };
}
