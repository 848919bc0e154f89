import { AppliedFault, FaultBook, FaultSubject, Strike, subjectOf, TakeStrikes } from './deployment-book';
import { CancelFault, DeploymentFault, RequestType, ResponseFault, ServiceTimeoutFault } from './deployment-faults';
import { DeployerParts } from '../deployer';
import { faultyHandlers } from './deployment-handlers';
import { faultyInvoker, Invocation } from './deployment-invoker';
import { mangle } from './deployment-mangle';
import { belongsToRequest, hasItsTime, Moments, MomentSubject } from './deployment-moments';
import { Clock, SYSTEM_CLOCK } from '../../client/clock';
import { DEFAULT_SERVICE_TIMEOUT_SECONDS, EventDelivery, notReceived } from '../deployer/protocol/client';
import { CustomResourceEvent, UnsentEvent } from '../deployer/protocol/event';
import { CheckedResponse } from '../deployer/protocol/response';
import { ResponseServerOptions } from '../deployer/protocol/response-server';

export interface DeploymentInjectorOptions {
  readonly clock?: Clock;
  /** Takes a line about each thing that a fault does, as it does it. */
  readonly onNotice?: (notice: string) => void;
}

/** An answer as it arrived, after the checks that CloudFormation makes. */
export interface ArrivedAnswer {
  readonly logicalId: string;
  readonly request: RequestType;
  readonly requestId: string;
  /** Whether it decided what became of the event: not so after another answer, or after CloudFormation has given up. */
  readonly counted: boolean;
  readonly response: CheckedResponse;
}

/** Applies the part `deployment` of a fault plan to one or more deployments, and keeps account of what it did. */
export class DeploymentInjector {
  /** To be given to `deploy` or `destroy`. */
  public readonly parts: DeployerParts;
  /** All answers and all runs of functions, in the order in which they ended; also those that no fault touched. */
  public readonly answers: ArrivedAnswer[] = [];
  public readonly invocations: Invocation[] = [];
  private readonly book: FaultBook;
  private readonly clock: Clock;
  private readonly moments: Moments;
  /** What struck an event, by its RequestId: the answers to it are told there. */
  private readonly strikes = new Map<string, Strike[]>();
  private readonly givenUp = new Set<string>();
  private readonly responses = new Map<string, Strike<ResponseFault>[]>();

  constructor(faults: readonly DeploymentFault[], { clock = SYSTEM_CLOCK, onNotice = () => {} }: DeploymentInjectorOptions = {}) {
    this.clock = clock;
    this.book = new FaultBook(faults, onNotice);
    this.moments = new Moments(clock);
    const take: TakeStrikes = (kind, subject, requestId) => this.take(kind, subject, requestId);
    this.parts = {
      clock,
      delivery: (event, deliver) => this.deliver(event, deliver),
      behaviour: (event, request) => this.behaviour(event, request),
      giveUp: (event, settled) => this.giveUp(event, settled),
      onAnswer: (event, response) => this.onAnswer(event, response),
      invoker: (runner) => faultyInvoker(runner, take, this.moments, (invocation) => this.invocations.push(invocation)),
      handlers: (lookup) => faultyHandlers(lookup, take),
      failure: ({ stackName, logicalId, type, status }) => {
        const request = ({ CREATE_COMPLETE: 'Create', UPDATE_COMPLETE: 'Update', DELETE_COMPLETE: 'Delete' } as const)[status];
        const [strike] = this.take('fail', { stack: stackName, logicalId, type, request });
        strike?.apply(`failed after ${status}`);
        return strike?.fault.reason;
      },
      onEvent: (event) => this.moments.happened({ status: event }),
      onLog: (line) => this.moments.happened({ log: line }),
      onClose: () => this.moments.close(),
    };
  }

  /** What became of each fault, in the order of the plan. */
  public get applied(): readonly AppliedFault[] {
    return this.book.applied;
  }

  /** One line for each fault that has not struck: it matched nothing, or its moment did not come. */
  public get unapplied(): readonly string[] {
    return this.applied.filter(({ applied }) => applied === 0)
      .map(({ index, kind }) => `fault plan: deployment[${index}] ${kind}: was not applied; check its logicalId, resourceType and request against the stack's events`);
  }

  private take<K extends DeploymentFault['kind']>(kind: K, subject: FaultSubject, requestId?: string): Strike<Extract<DeploymentFault, { kind: K }>>[] {
    const taken = this.book.take(kind, subject);
    if (requestId !== undefined) this.strikes.set(requestId, [...this.strikes.get(requestId) ?? [], ...taken]);
    return taken;
  }

  private async deliver(event: CustomResourceEvent, deliver: Parameters<EventDelivery>[1]) {
    const requestId = event.RequestId;
    const subject = subjectOf(event)!;
    let sent = event;
    for (const strike of this.take('mangle', subject, requestId)) {
      const mangled = mangle(sent, strike.fault);
      sent = mangled.event;
      if (mangled.done.length > 0) strike.apply(mangled.done.join(', '));
    }
    const [ended, unanswered] = [new AbortController(), new AbortController()];
    const copies = this.take('duplicate', subject, requestId).flatMap((strike) => Array.from({ length: strike.fault.copies }, async (_, i) => {
      const { at } = strike.fault;
      const signal = belongsToRequest(at) ? ended.signal : hasItsTime(at) ? new AbortController().signal : unanswered.signal;
      if (!await this.moments.comes(at, { ...subject, requestId }, signal)) return strike.observe(`copy ${i + 1} was not delivered: its moment did not come`);
      strike.apply(`copy ${i + 1} delivered`);
      await deliver(sent);
    }));
    const outcome = await deliver(sent);
    this.moments.happened({ ended: requestId });
    ended.abort();
    // the stack stands still until this event is settled: what a copy waits for elsewhere could not come
    const isOpen = !this.givenUp.has(requestId) && !this.answers.some((answer) => answer.requestId === requestId);
    if (isOpen) unanswered.abort();
    await Promise.all(copies);
    return outcome;
  }

  private async giveUp(event: UnsentEvent, settled: AbortSignal): Promise<string | undefined> {
    const subject = { ...subjectOf(event)!, requestId: event.RequestId };
    const strikes = [...this.take('cancel', subject, event.RequestId), ...this.take('serviceTimeout', subject, event.RequestId)];
    if (strikes.length === 0) return undefined;
    return new Promise((resolve) => {
      strikes.forEach((strike) => void this.strikeAt(strike, event, subject, settled).then((reason) => {
        if (reason !== undefined) resolve(reason);
      }));
    });
  }

  private async strikeAt(
    strike: Strike<CancelFault | ServiceTimeoutFault>, event: UnsentEvent, subject: MomentSubject, settled: AbortSignal,
  ): Promise<string | undefined> {
    if (!await this.moments.comes(strike.fault.at, subject, settled)) {
      strike.observe('it had ended before the moment came');
      return undefined;
    }
    this.givenUp.add(event.RequestId);
    strike.apply('CloudFormation waits no longer');
    if (strike.fault.kind === 'cancel') return `Resource ${event.RequestType === 'Create' ? 'creation' : 'update'} cancelled`;
    return notReceived(event, Number(event.ResourceProperties?.ServiceTimeout ?? DEFAULT_SERVICE_TIMEOUT_SECONDS));
  }

  private behaviour(event: UnsentEvent, request: number): ReturnType<NonNullable<ResponseServerOptions['behaviour']>> {
    const strikes = this.responses.get(event.RequestId) ?? this.take('response', subjectOf(event)!, event.RequestId);
    this.responses.set(event.RequestId, strikes);
    let first = 0;
    for (const strike of strikes) {
      const { behaviour, status, delayMillis, requests, taken } = strike.fault;
      if (request < first + requests) {
        strike.apply(`PUT ${request + 1}: ${behaviour === 'status' ? status : behaviour}${taken ? ', the body counts' : ''}`);
        if (behaviour === 'slow') return { reply: 200, taken, delay: async (gone) => this.clock.sleep(delayMillis, gone).catch(() => undefined) };
        return { reply: behaviour === 'status' ? status : behaviour, taken };
      }
      first += requests;
    }
    return 'accept';
  }

  private onAnswer(event: UnsentEvent, response: CheckedResponse): void {
    const { RequestId: requestId, LogicalResourceId: logicalId, RequestType: request } = event;
    const isFirst = !this.answers.some((answer) => answer.requestId === requestId);
    const counted = isFirst && !this.givenUp.has(requestId);
    this.answers.push({ logicalId, request, requestId, counted, response });
    const told = response.status === 'SUCCESS' ? `SUCCESS ${response.physicalId}` : `FAILED ${response.reason}`;
    this.strikes.get(requestId)?.forEach((strike) => strike.observe(`answer${counted ? '' : ', too late to count'}: ${told}`));
    this.moments.happened({ answered: requestId });
  }
}
