import { ServerClock } from '../clock';
import { letGo } from '../control/held';
import { ControlPlaneStore } from '../control/store';

/** Counts the reads after which transitions that are held go on. */
export class Holds {
  private readonly left = new Map<string, number>();

  constructor(private readonly store: ControlPlaneStore, private readonly clock: ServerClock) {}

  /** Lets the transitions of a runtime, or of a capacity provider, go after so many reads. */
  public hold(id: string, reads: number): void {
    this.left.set(id, reads);
  }

  /** Counts a read of a runtime, of one of its endpoints, or of a capacity provider. */
  public async countRead(id: string): Promise<void> {
    const left = this.left.get(id);
    if (left === undefined) return;
    this.left.set(id, left - 1);
    if (left === 1) await this.release(id);
  }

  /** Lets all transitions go at once, or those of one runtime or capacity provider. */
  public async release(id?: string): Promise<void> {
    if (id === undefined) this.left.clear();
    else this.left.delete(id);
    await this.store.mutate(async (draft, commit) => {
      letGo(draft, this.clock.now(), id);
      await commit();
    });
  }
}
