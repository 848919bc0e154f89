/** What is to happen at a time. */
interface Event {
  readonly at: number;
  /** Of two at the same time, the one that was told first comes first. */
  readonly order: number;
  readonly action: () => void;
}

/** Virtual time: what is to happen, in its order. */
export class EventQueue {
  /** In seconds. */
  public now = 0;
  private readonly heap: Event[] = [];
  private count = 0;

  /** At once where the time has come. */
  public at(at: number, action: () => void): void {
    if (at <= this.now) action();
    else this.later(at, action);
  }

  /** Once what happens now is over, even where the time has come. */
  public later(at: number, action: () => void): void {
    const { heap } = this;
    const event = { at: Math.max(at, this.now), order: this.count++, action };
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = event;
  }

  /** Lets everything happen, what comes of it included. */
  public run(): void {
    for (let next = this.shift(); next; next = this.shift()) {
      this.now = next.at;
      next.action();
    }
  }

  private shift(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** So many at once, and not more; who comes later waits. */
export class AtOnce {
  /** How long places were held, all together, in seconds. */
  public heldSeconds = 0;
  public peak = 0;
  private readonly waiting: (() => void)[] = [];
  private next = 0;
  private held = 0;
  private changedAt = 0;

  constructor(private readonly limit: number, private readonly events: EventQueue) {}

  public acquire(then: () => void): void {
    if (this.held < this.limit) this.grant(then);
    else this.waiting.push(then);
  }

  public release(): void {
    this.account();
    this.held--;
    if (this.next < this.waiting.length) this.grant(this.waiting[this.next++]);
  }

  private grant(then: () => void): void {
    this.account();
    this.held++;
    this.peak = Math.max(this.peak, this.held);
    then();
  }

  private account(): void {
    this.heldSeconds += this.held * (this.events.now - this.changedAt);
    this.changedAt = this.events.now;
  }
}

/** So many in a second, evenly; who comes too early is told when it may. */
export class PerSecond {
  public taken = 0;
  private free = 0;

  constructor(private readonly limit: number) {}

  /** @returns when so many may be taken that are asked for now, in seconds */
  public take(count: number, now: number): number {
    this.taken += count;
    const at = Math.max(now, this.free);
    this.free = at + count / this.limit;
    return at;
  }
}
