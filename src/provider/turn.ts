import { digest } from './digest';
import { LedgerGoneError } from './ledger';
import { LifecycleContext, LifecycleRequest } from './lifecycle';
import { describeError } from '../client/errors';

/** How many requests for one resource may come while one of them is still worked on. */
const REMEMBERED = 20;

/**
 * Whether a request is still the newest of its kind: CloudFormation does not wait for one that it has cancelled, and our
 * function may go on with it while the next one is worked on, or get it a second time afterwards.
 *
 * That the ledger cannot be reached is no reason for a stack that can neither be changed nor deleted: then nothing is known,
 * and a request goes on. That it is gone is known: it goes with the stack.
 */
export class Turn {
  /**
   * Takes the turn of a request, unless it had been taken before.
   *
   * @param kind requests of one kind overtake each other, and no others
   */
  public static async take({ owner, requestId }: LifecycleRequest, kind: string, context: LifecycleContext): Promise<Turn> {
    const turn = new Turn(`turn/${digest(owner.stackId, owner.logicalId, kind)}`, requestId, context);
    await turn.tolerantly(async () => {
      // a second delivery must not pass for the newest request
      const taken = await context.ledger.recent(turn.key, REMEMBERED);
      if (!taken.some(({ text }) => text === requestId)) await context.ledger.note(turn.key, requestId);
    });
    return turn;
  }

  private constructor(private readonly key: string, private readonly requestId: string, private readonly context: LifecycleContext) {}

  public async isOver(): Promise<boolean> {
    return await this.tolerantly(async () => {
      const newest = await this.context.ledger.last(this.key).catch((error) => {
        if (error instanceof LedgerGoneError) return { text: 'the deletion of the stack' };
        throw error;
      });
      return newest !== undefined && newest.text !== this.requestId;
    }) ?? false;
  }

  /** @throws where a newer request has come */
  public async check(): Promise<void> {
    if (await this.isOver()) throw new Error('CloudFormation has gone on without this request, for which it is too late now');
  }

  private async tolerantly<T>(call: () => Promise<T>): Promise<T | undefined> {
    return call().catch((error) => {
      this.context.log('could not learn whether this is the newest request', { error: describeError(error) });
      return undefined;
    });
  }
}
