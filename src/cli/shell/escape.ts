const [TILDE, DOT, CARRIAGE_RETURN, LINE_FEED] = Buffer.from('~.\r\n');

/** What is to be done with what was typed. */
export interface Typed {
  /** What goes to the shell. */
  readonly bytes: Buffer;
  /** Whether the shell is to be left; what was typed after that is gone. */
  readonly leaves: boolean;
}

/** Finds `~.` at the beginning of a line, which leaves the shell; `~~` there is one tilde. As in ssh. */
export class EscapeKeys {
  private atLineStart = true;
  private tildeHeld = false;

  public take(typed: Uint8Array): Typed {
    const out: number[] = [];
    for (const byte of typed) {
      if (this.tildeHeld) {
        this.tildeHeld = false;
        if (byte === DOT) return { bytes: Buffer.from(out), leaves: true };
        if (byte !== TILDE) out.push(TILDE);
        out.push(byte);
      } else if (this.atLineStart && byte === TILDE) {
        this.tildeHeld = true;
        this.atLineStart = false;
        continue;
      } else {
        out.push(byte);
      }
      this.atLineStart = byte === CARRIAGE_RETURN || byte === LINE_FEED;
    }
    return { bytes: Buffer.from(out), leaves: false };
  }
}
