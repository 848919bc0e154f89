import { digest } from './digest';
import { Ledger } from './ledger';
import { LifecycleContext, LifecycleOutcome, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { waitFor } from './wait';
import { describeError } from '../client/errors';

/** How long after its end a call may still tell what it came to, in milliseconds. */
const GRACE_MILLIS = 10_000;

/** How long it takes at most from a claim to the note that the work has begun, until others can read that, in milliseconds. */
const BEGIN_MILLIS = 60_000;

/** How many notes of one request are looked at; the longest chain of calls takes a dozen, and one that is doubled more. */
const NOTES = 50;

export interface OnceContext extends LifecycleContext {
  /** Has the provider called again with the same event, to go on from where this call leaves off. */
  readonly callAgain: (continuation: unknown, signal: AbortSignal) => Promise<void>;
}

/** What is to be done once for a request. */
export interface Work {
  /** Does it; or goes on with it, which may be done any number of times, from where another call has left off. */
  run(continuation: unknown): Promise<LifecycleResult | { readonly continuation: unknown }>;
  /** From where to go on with what a call that has died had begun; undefined where nobody can. */
  resume(begunAt: number): unknown;
  /** What it counts as that nobody can tell what the work has come to. */
  giveUp(why: string): Promise<LifecycleResult>;
  /** Ends what may still go on, and cleans up. Not before the outcome is noted: who finds it gone has to learn why. */
  end(): Promise<void>;
}

/** What is known of a request, one line after the other. Times are those when a call has to be done, in milliseconds since the epoch. */
type Note =
  | { readonly begun: number; readonly until: number }
  | { readonly handingOver: unknown; readonly until: number }
  | { readonly handedOver: unknown }
  | Settled;

type Settled = { readonly result: LifecycleResult } | { readonly failure: string };

/**
 * Does the work of a request once, however often the request is delivered: Lambda hands over the same event up to three
 * times. Later deliveries wait for what the first one comes to and answer the same. Where that has died they go on with its
 * work, or end it and say that its outcome stays unknown.
 */
export async function once(request: LifecycleRequest, context: OnceContext, work: Work): Promise<LifecycleOutcome> {
  return new Delivery(request, context, work).handle();
}

/** The first thing that a request has come to; undefined where that is not known. */
export async function settledOf({ owner }: LifecycleRequest, requestId: string, ledger: Ledger): Promise<Settled | undefined> {
  return settledIn(await notesOf(keyOf(owner, requestId), ledger));
}

class Delivery {
  private readonly key: string;
  /** Whether there may be something to end. */
  private hasBegun = false;

  constructor(private readonly request: LifecycleRequest, private readonly context: OnceContext, private readonly work: Work) {
    this.key = keyOf(request.owner, request.requestId);
  }

  public async handle(): Promise<LifecycleOutcome> {
    const { continuation } = this.request;
    try {
      const isOurs = continuation === undefined ? await this.claim() : await this.isOurTurn(continuation);
      return await (isOurs ? this.goOn(continuation) : this.takeUp());
    } catch (error) {
      return this.fail(error);
    }
  }

  private async claim(): Promise<boolean> {
    const { ledger, clock } = this.context;
    if (!await ledger.claim(this.key)) return false;
    // later deliveries go by it
    await ledger.note(this.key, JSON.stringify({ begun: clock.now(), until: this.request.deadline } satisfies Note)).catch((error) => {
      throw new Error(`could not note that this request is worked on, so nothing was started (${describeError(error)})`, { cause: error });
    });
    return true;
  }

  /** Whether nobody is known to have gone further than to where this call is to go on from; what was noted lately may not be seen yet. */
  private async isOurTurn(continuation: unknown): Promise<boolean> {
    const notes = await this.notes().catch((error) => {
      this.context.log('could not learn how far this request is', { error: describeError(error) });
      return [];
    });
    const steps = notes.flatMap((note) => ('handingOver' in note ? [note.handingOver] : []));
    const ours = steps.findIndex((step) => isSame(step, continuation));
    return !settledIn(notes) && (ours < 0 || steps.slice(ours).every((step) => isSame(step, continuation)));
  }

  /** What another call does about this request, or else what is to be done where that one has died. */
  private async takeUp(): Promise<LifecycleOutcome> {
    const { log, clock } = this.context;
    const { requestId, signal } = this.request;
    log('this request was delivered before, waiting for its outcome', { requestId });
    const since = clock.now();
    let late = '';
    const notes = await waitFor(async () => {
      const seen = await this.notes().catch((error) => log('could not learn how far this request is', { error: describeError(error) }));
      if (!seen) return undefined;
      return isDone(seen) || clock.now() > (lastCall(seen)?.until ?? since + BEGIN_MILLIS) + GRACE_MILLIS ? seen : undefined;
    }, clock, signal).catch(async (error) => {
      late = ` (${describeError(error)})`;
      return this.notes().catch(() => []);
    });

    const settled = settledIn(notes);
    if (settled) return outcomeOf(settled);
    const call = lastCall(notes);
    const isHandedOver = call !== undefined && 'handingOver' in call;
    // a call that lives as long as this one does is about to make that good itself
    if (isDone(notes) || (isHandedOver && late)) return { answeredElsewhere: true };
    if (isHandedOver) return this.handOver(call.handingOver);
    const continuation = call && !late ? this.work.resume(call.begun) : undefined;
    if (continuation === undefined) {
      return this.giveUp(`this request was delivered twice, and the first delivery has not told its outcome${late}`);
    }
    log('going on with what a delivery that has died had begun', { requestId });
    return this.goOn(continuation);
  }

  private async goOn(continuation: unknown): Promise<LifecycleOutcome> {
    this.hasBegun = true;
    const outcome = await this.work.run(continuation);
    return 'continuation' in outcome ? this.handOver(outcome.continuation) : this.succeed(outcome);
  }

  private async giveUp(why: string): Promise<LifecycleOutcome> {
    this.hasBegun = true;
    return this.succeed(await this.work.giveUp(why));
  }

  private async succeed(result: LifecycleResult): Promise<LifecycleOutcome> {
    await this.remember({ result });
    await this.work.end();
    return result;
  }

  private async handOver(continuation: unknown): Promise<LifecycleOutcome> {
    const { callAgain } = this.context;
    const { signal, deadline } = this.request;
    // should this call die in between, the next delivery calls again
    await this.remember({ handingOver: continuation, until: deadline });
    const error = await callAgain(continuation, signal).then(() => undefined, describeError);
    if (error !== undefined) return this.giveUp(`the provider could not call itself again to go on watching (${error})`);
    await this.remember({ handedOver: continuation });
    return { answeredElsewhere: true };
  }

  private async fail(error: unknown): Promise<LifecycleOutcome> {
    // where two calls go on with one request, the slower one may find that the other has ended all
    const settled = settledIn(await this.notes().catch(() => []));
    // a claim whose answer is lost may have counted: later deliveries must not wait for work that was never begun
    if (!settled) await this.remember({ failure: error instanceof Error ? error.message : String(error) });
    if (this.hasBegun) await this.work.end();
    if (settled) return outcomeOf(settled);
    throw error;
  }

  private async notes(): Promise<Note[]> {
    return notesOf(this.key, this.context.ledger);
  }

  private async remember(note: Note): Promise<void> {
    await this.context.ledger.note(this.key, JSON.stringify(note))
      .catch((error) => this.context.log('could not note the outcome', { requestId: this.request.requestId, error: describeError(error) }));
  }
}

function keyOf({ stackId, logicalId }: LifecycleRequest['owner'], requestId: string): string {
  return `request/${digest(stackId, logicalId, requestId)}`;
}

async function notesOf(key: string, ledger: Ledger): Promise<Note[]> {
  return (await ledger.recent(key, NOTES)).map(({ text }) => JSON.parse(text));
}

/** What was told first counts: CloudFormation has taken it. */
function settledIn(notes: readonly Note[]): Settled | undefined {
  return notes.find((note) => 'result' in note || 'failure' in note);
}

/** The call that is to go on with a request, as far as it is known. */
function lastCall(notes: readonly Note[]) {
  return notes.filter((note) => 'until' in note).at(-1);
}

/** Whether there is nothing to be done about a request, since it is settled or another call goes on with it. */
function isDone(notes: readonly Note[]): boolean {
  const call = lastCall(notes);
  return settledIn(notes) !== undefined
    || (call !== undefined && 'handingOver' in call && notes.some((note) => 'handedOver' in note && isSame(note.handedOver, call.handingOver)));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function outcomeOf(settled: Settled): LifecycleOutcome {
  if ('failure' in settled) throw new ResourceFailure(settled.failure);
  return settled.result;
}
