/** The condition keys of a request and their values; names of keys have no case. */
export class RequestContext {
  private readonly values: ReadonlyMap<string, string | readonly string[]>;

  constructor(values: Readonly<Record<string, string | readonly string[]>>) {
    this.values = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]));
  }

  /** @returns a list for a key of several values; undefined if the request lacks the key, or the list is empty */
  valueOf(key: string): string | readonly string[] | undefined {
    const value = this.values.get(key.toLowerCase());
    return value?.length === 0 && typeof value !== 'string' ? undefined : value;
  }
}
