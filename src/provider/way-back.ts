import { digest } from './digest';
import { Ledger } from './ledger';
import { LifecycleRequest, LifecycleResult } from './lifecycle';

/**
 * Knows the update by which CloudFormation takes back one that failed here: it comes with old and new properties swapped.
 *
 * What failed has changed nothing that running the old command again would mend, and a command that fails on the way back
 * leaves the stack in UPDATE_ROLLBACK_FAILED. So the last success counts again instead. The way back from a failure
 * elsewhere in the stack cannot be told from an update that somebody asked for.
 */
export class WayBack {
  constructor(private readonly ledger: Ledger) {}

  /** The last success, where this update takes back one that failed. */
  public async lastSuccess(request: LifecycleRequest): Promise<LifecycleResult | undefined> {
    const failed = await this.ledger.last(key('failed', request));
    if (failed?.text !== fingerprint(request.oldProperties)) return undefined;
    const note = await this.ledger.last(key('succeeded', request));
    // where the same has succeeded since, it is what is deployed, and nothing is taken back
    return note && note.time <= failed.time ? JSON.parse(note.text) : undefined;
  }

  /** The last success, as long as the ledger keeps it. */
  public async success(request: LifecycleRequest): Promise<LifecycleResult | undefined> {
    const note = await this.ledger.last(key('succeeded', request));
    return note && JSON.parse(note.text);
  }

  public async noteFailure(request: LifecycleRequest): Promise<void> {
    await this.ledger.note(key('failed', request), fingerprint(request.properties));
  }

  public async noteSuccess(request: LifecycleRequest, result: LifecycleResult): Promise<void> {
    await this.ledger.note(key('succeeded', request), JSON.stringify(result));
  }
}

function key(what: string, { owner }: LifecycleRequest): string {
  return `${what}/${digest(owner.stackId, owner.logicalId)}`;
}

/** The same for equal properties, in whatever order their members come. */
export function fingerprint(properties: unknown): string {
  return digest(JSON.stringify(properties, (_, value) => (isRecord(value) ? sorted(value) : value)));
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
