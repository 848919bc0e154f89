/** Keeps the end of a text that may be of any length, in constant memory. */
export class OutputTail {
  private kept = '';
  private total = 0;

  /** @param limit how many characters to keep */
  constructor(private readonly limit: number) {}

  public append(text: string): void {
    this.total += text.length;
    this.kept += text;
    // cut seldom, so that many small chunks cost no more than one large one
    if (this.kept.length > 2 * this.limit) this.kept = this.kept.slice(-this.limit);
  }

  public get text(): string {
    const tail = this.kept.slice(-this.limit);
    // never begin in the middle of a surrogate pair
    return this.truncated ? tail.replace(/^[\uDC00-\uDFFF]/, '') : tail;
  }

  /** Whether anything was dropped. */
  public get truncated(): boolean {
    return this.total > this.limit;
  }
}
