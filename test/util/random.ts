const MODULUS = 2 ** 31 - 1;

/** Numbers that look random and are the same for the same seed; by Lehmer's method. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = 1 + seed % (MODULUS - 1);
  }

  /** From 0 to below 1. */
  public next(): number {
    this.state = this.state * 48_271 % MODULUS;
    return this.state / MODULUS;
  }

  /** A whole number from 0 to below the bound. */
  public below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
