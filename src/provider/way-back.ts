import { digest } from './digest';
import { fingerprint } from './fingerprint';
import { Ledger } from './ledger';
import { LifecycleRequest, LifecycleResult } from './lifecycle';
import { settledOf } from './once';

/** How many requests for one resource may come while one of them is still worked on. */
const REMEMBERED = 20;

/** What a request is to do about the command; decided when it comes in, and the same for each delivery. */
export type Intent = 'run' | 'take back' | 'nothing';

interface Attempt {
  readonly requestId: string;
  readonly intent: Intent;
  /** The fingerprint of its properties. */
  readonly wanted: string;
}

interface Success {
  readonly requestId: string;
  readonly result: LifecycleResult;
}

/**
 * Knows the update by which CloudFormation takes back one that has come to nothing here: it comes with old and new properties
 * swapped. The other one may have failed, been refused or cancelled, or never have answered.
 *
 * What it did has changed nothing that running the old command again would mend, and a command that fails on the way back
 * leaves the stack in UPDATE_ROLLBACK_FAILED. So the last success counts again instead. The way back from a failure
 * elsewhere in the stack cannot be told from an update that somebody asked for.
 */
export class WayBack {
  constructor(private readonly ledger: Ledger) {}

  /** Notes that a request has come, once. */
  public async noteAttempt(request: LifecycleRequest, intent: Intent): Promise<void> {
    const { requestId, properties } = request;
    // a second delivery must not pass for the newest request
    if ((await this.attempts(request)).some((attempt) => attempt.requestId === requestId)) return;
    const attempt: Attempt = { requestId, intent, wanted: fingerprint(properties) };
    await this.ledger.note(key('attempted', request), JSON.stringify(attempt));
  }

  /** Whether this update takes back the request before it. */
  public async takesBack(request: LifecycleRequest): Promise<boolean> {
    const attempts = await this.attempts(request);
    const own = attempts.find(({ requestId }) => requestId === request.requestId);
    if (own) return own.intent === 'take back';
    const before = attempts.at(-1);
    if (before?.intent !== 'run' || before.wanted !== fingerprint(request.oldProperties)) return false;
    // what has succeeded is what is deployed; either of two notes tells, since one may be lost
    if ((await this.lastSuccess(request))?.requestId === before.requestId) return false;
    const settled = await settledOf(request, before.requestId, this.ledger);
    return !(settled && 'result' in settled);
  }

  /**
   * Whether CloudFormation is known to have gone on without a request: it has taken it back, or deleted the resource. That a
   * newer one runs the command says nothing: it may be one that was cancelled before it could begin, and begins too late.
   */
  public async isOver(request: LifecycleRequest): Promise<boolean> {
    const attempts = await this.attempts(request);
    const own = attempts.findIndex(({ requestId }) => requestId === request.requestId);
    return own >= 0 && attempts.slice(own + 1).some(({ requestId, intent }) => intent !== 'run' && requestId !== request.requestId);
  }

  /** The last success, as long as the ledger keeps it. */
  public async success(request: LifecycleRequest): Promise<LifecycleResult | undefined> {
    return (await this.lastSuccess(request))?.result;
  }

  /** Notes what a request has come to, unless CloudFormation has gone on without it. */
  public async noteSuccess(request: LifecycleRequest, result: LifecycleResult): Promise<void> {
    if (await this.isOver(request)) return;
    const success: Success = { requestId: request.requestId, result };
    await this.ledger.note(key('succeeded', request), JSON.stringify(success));
  }

  private async attempts(request: LifecycleRequest): Promise<Attempt[]> {
    return (await this.ledger.recent(key('attempted', request), REMEMBERED)).map(({ text }) => JSON.parse(text));
  }

  private async lastSuccess(request: LifecycleRequest): Promise<Success | undefined> {
    const note = await this.ledger.last(key('succeeded', request));
    return note && JSON.parse(note.text);
  }
}

function key(what: string, { owner }: LifecycleRequest): string {
  return `${what}/${digest(owner.stackId, owner.logicalId)}`;
}
