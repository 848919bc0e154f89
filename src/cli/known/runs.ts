import { RecordStore } from './record-store';
import { isUnwritable } from './sessions';
import { DetachedHandle } from '../../client/api/detached-command';
import { UserError } from '../user-error';

/** A detached command that was started from this machine. */
export interface KnownRun {
  readonly handle: DetachedHandle;
  /** Of a local AgentCore. */
  readonly endpoint?: string;
  /** How it ended, where that was seen: its exit code, or a word. */
  readonly ended?: string;
}

/** The detached commands that this machine knows; the text of commands is not kept. */
export class KnownRuns {
  constructor(private readonly store = new RecordStore<KnownRun>('runs')) {}

  /** The one that was started last comes first. */
  public list(): KnownRun[] {
    return this.store.all().map(({ record }) => record).sort((a, b) => b.handle.startedAt - a.handle.startedAt);
  }

  /** @returns false where nothing can be written, so that only its handle leads to the run */
  public save(run: KnownRun): boolean {
    try {
      this.store.save(run.handle.token, run);
      return true;
    } catch (error) {
      if (isUnwritable(error)) return false;
      throw error;
    }
  }

  public forget({ handle }: KnownRun): void {
    this.store.remove(handle.token);
  }

  /**
   * The run whose token begins with a text; without one, the only one that has not been seen to end.
   *
   * @throws UserError where there is none, or more than one
   */
  public find(token: string | undefined): KnownRun {
    const all = this.list();
    const found = all.filter(({ handle, ended }) => (token === undefined ? ended === undefined : handle.token.startsWith(token)));
    if (found.length === 1) return found[0];
    if (found.length > 1) throw new UserError(`${found.length} detached commands are meant; name one: ${tokens(found)}`);
    if (token === undefined) throw new UserError('this machine knows of no detached command that has not ended; start one with `run --detach`, or give its handle');
    throw new UserError(`this machine knows of no detached command ${JSON.stringify(token)}; ${all.length > 0 ? `it knows ${tokens(all)}` : 'give the handle that `run --detach --json` printed'}`);
  }
}

function tokens(runs: readonly KnownRun[]): string {
  return runs.slice(0, 10).map(({ handle }) => handle.token).join(', ') + (runs.length > 10 ? ', ...' : '');
}
