/** Small pieces are put together up to this size, so that there are never many. */
const PIECE_CHARACTERS = 4_096;

/** Keeps the end of a text that may be of any length, in constant memory. */
export class OutputTail {
  // as it came, put together only when it is asked for: copying is what long output would cost most
  private readonly pieces: string[] = [];
  private kept = 0;
  private total = 0;

  /** @param limit how many characters to keep */
  constructor(private readonly limit: number) {}

  public append(text: string): void {
    const { pieces } = this;
    const last = pieces.length - 1;
    if (last >= 0 && pieces[last].length + text.length <= PIECE_CHARACTERS) pieces[last] += text;
    else pieces.push(text);
    this.total += text.length;
    this.kept += text.length;
    while (this.kept - pieces[0].length >= this.limit && pieces.length > 1) this.kept -= pieces.shift()!.length;
  }

  public get text(): string {
    if (!this.truncated) return this.pieces.join('');
    // never begin in the middle of a surrogate pair; a limit of 0 keeps nothing
    return this.pieces.join('').slice(this.kept - this.limit).replace(/^[\uDC00-\uDFFF]/, '');
  }

  /** Whether anything was dropped. */
  public get truncated(): boolean {
    return this.total > this.limit;
  }
}
