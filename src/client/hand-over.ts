/** Passes one thing at a time from who makes them to who takes them; the maker is ahead by one at most. */
export class HandOver<T> {
  private waiting?: { readonly item: T; readonly taken: () => void };
  private taker?: (item: T | undefined) => void;
  private closed = false;

  /** Resolves once the item has been taken, or nobody takes any more. */
  public async put(item: T): Promise<void> {
    if (this.closed) return;
    if (this.taker) {
      this.taker(item);
      this.taker = undefined;
      return;
    }
    await new Promise<void>((taken) => { this.waiting = { item, taken }; });
  }

  /** The next item, or undefined when there are no more. */
  public async take(): Promise<T | undefined> {
    if (this.waiting) {
      const { item, taken } = this.waiting;
      this.waiting = undefined;
      taken();
      return item;
    }
    if (this.closed) return undefined;
    return new Promise((resolve) => { this.taker = resolve; });
  }

  /** No more items come, or none is taken. */
  public close(): void {
    this.closed = true;
    this.taker?.(undefined);
    this.taker = undefined;
  }

  /** As `close`; what waits is dropped. */
  public abandon(): void {
    this.close();
    this.waiting?.taken();
    this.waiting = undefined;
  }
}
