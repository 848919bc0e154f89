import { ServerClock } from '../clock';
import { letGo } from '../control/held';
import { ControlPlaneStore } from '../control/store';

/** Counts the reads after which transitions that are held go on. */
export class Holds {
  private readonly left = new Map<string, number>();

  constructor(private readonly store: ControlPlaneStore, private readonly clock: ServerClock) {}

  /** Lets the transitions of a runtime go after so many reads. */
  public hold(runtimeId: string, reads: number): void {
    this.left.set(runtimeId, reads);
  }

  /** Counts a read of a runtime, or of one of its endpoints. */
  public async countRead(runtimeId: string): Promise<void> {
    const left = this.left.get(runtimeId);
    if (left === undefined) return;
    this.left.set(runtimeId, left - 1);
    if (left === 1) await this.release(runtimeId);
  }

  /** Lets all transitions go at once, or those of one runtime. */
  public async release(runtimeId?: string): Promise<void> {
    if (runtimeId === undefined) this.left.clear();
    else this.left.delete(runtimeId);
    await this.store.mutate(async (draft, commit) => {
      letGo(draft, this.clock.now(), runtimeId);
      await commit();
    });
  }
}
