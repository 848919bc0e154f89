import { digest } from './digest';
import { LedgerGoneError } from './ledger';
import { LifecycleContext, LifecycleRequest } from './lifecycle';
import { inOrder, Step, Turned } from './turn-order';
import { describeError } from '../client/errors';

/** How many requests for one resource may come while one of them is still worked on. */
const REMEMBERED = 20;

/**
 * Whether a request is still the newest of its kind: CloudFormation does not wait for one that it has cancelled, and our
 * function may begin with it or go on with it while the next one is worked on, or get it a second time afterwards.
 *
 * That the ledger cannot be reached is no reason for a stack that can neither be changed nor deleted: then nothing is known,
 * and a request goes on. That it is gone is known: it goes with the stack.
 */
export class Turn {
  /**
   * Takes the turn of a request, unless it had been taken before.
   *
   * @param kind requests of one kind overtake each other, and no others
   * @param step by which requests are known to have begun in another order than they were sent in
   */
  public static async take({ owner, requestId }: LifecycleRequest, kind: string, step: Step, context: LifecycleContext): Promise<Turn> {
    const turn = new Turn(`turn/${digest(owner.stackId, owner.logicalId, kind)}`, requestId, context);
    await turn.tolerantly(async () => {
      // a second delivery must not pass for the newest request
      if ((await turn.begun()).some((other) => other.requestId === requestId)) return;
      await context.ledger.note(turn.key, JSON.stringify({ requestId, ...step } satisfies Omit<Turned, 'time'>));
    });
    return turn;
  }

  private constructor(private readonly key: string, private readonly requestId: string, private readonly context: LifecycleContext) {}

  public async isOver(): Promise<boolean> {
    return await this.tolerantly(async () => {
      const begun = await this.begun().catch((error) => {
        if (error instanceof LedgerGoneError) return undefined;
        throw error;
      });
      if (!begun) return true;
      const newest = inOrder(begun).at(-1);
      return newest !== undefined && newest.requestId !== this.requestId;
    }) ?? false;
  }

  /** @throws where a newer request has come */
  public async check(): Promise<void> {
    if (await this.isOver()) throw new Error('CloudFormation has gone on without this request, for which it is too late now; where you have asked for it just now, deploy again');
  }

  private async begun(): Promise<Turned[]> {
    return (await this.context.ledger.recent(this.key, REMEMBERED)).map(({ text, time }) => ({ ...JSON.parse(text), time }));
  }

  private async tolerantly<T>(call: () => Promise<T>): Promise<T | undefined> {
    return call().catch((error) => {
      this.context.log('could not learn whether this is the newest request', { error: describeError(error) });
      return undefined;
    });
  }
}
