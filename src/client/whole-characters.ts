/** Puts characters together whose halves come in different pieces: written apart, each half would become a question mark. */
export class WholeCharacters {
  private half = '';

  /** What can be handed on by now; may be empty. */
  public take(text: string): string {
    const all = this.half + text;
    const last = all.charCodeAt(all.length - 1);
    const open = last >= 0xd800 && last <= 0xdbff;
    this.half = open ? all.slice(-1) : '';
    return open ? all.slice(0, -1) : all;
  }

  /** The half that never got its other one. */
  public end(): string {
    const { half } = this;
    this.half = '';
    return half;
  }
}
