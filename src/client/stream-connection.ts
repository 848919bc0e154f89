/** How long an answer may take to end after its last event, in milliseconds. */
const REST_MILLIS = 1_000;

/**
 * The connection of one streamed answer: closed where its reader leaves in the middle, and free for the next call where the
 * reader leaves after the last event.
 *
 * The stream of the SDK does neither: left early it is paused, and holds one of the 50 sockets that its client has.
 */
export class StreamConnection {
  private readonly closing = new AbortController();
  private readonly close: () => void;
  private rest?: NodeJS.Timeout;

  /** @param signalOfCaller closes the connection too */
  constructor(private readonly signalOfCaller?: AbortSignal) {
    this.close = () => this.closing.abort(signalOfCaller?.reason);
    if (signalOfCaller?.aborted) this.close();
    else signalOfCaller?.addEventListener('abort', this.close, { once: true });
  }

  /** What the call is to be sent with. */
  public get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** The events of the answer; nothing of interest comes after the last one. */
  public async *read<Event>(stream: AsyncIterable<Event>, isLast: (event: Event) => boolean): AsyncGenerator<Event, void, undefined> {
    const events = stream[Symbol.asyncIterator]();
    let last = false;
    try {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        last ||= isLast(next.value);
        yield next.value;
      }
    } finally {
      if (last) this.leave(events);
      else this.end();
    }
  }

  /** Closes the connection, if it is open. */
  public end(): void {
    this.release();
    this.close();
  }

  /** Not awaited: whoever has the last event has all, however long the rest takes. */
  private leave(events: AsyncIterator<unknown>): void {
    this.rest = setTimeout(this.close, REST_MILLIS).unref();
    void readToEnd(events).catch(this.close).finally(() => this.release());
  }

  private release(): void {
    clearTimeout(this.rest);
    this.signalOfCaller?.removeEventListener('abort', this.close);
  }
}

async function readToEnd(events: AsyncIterator<unknown>): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next());
}
