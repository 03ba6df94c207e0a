/**
 * Whether sending faster still makes delivery faster: draft-ietf-ccwg-bbr §5.3.1.2. Three round trips with
 * less than a quarter more say that the pipe is full.
 */
const GROWTH = 1.25;
const ROUNDS = 3;

export class FullPipe {
  /** Ever; and since it was last looked for. */
  isReached = false;
  #isNow = false;
  #baseline = 0;
  #rounds = 0;

  get isNow(): boolean {
    return this.#isNow;
  }

  /** Looks anew, from this rate on. */
  reset(baseline = 0): void {
    this.#baseline = baseline;
    this.#rounds = 0;
    this.#isNow = false;
  }

  /** A round trip has passed that the user did not limit. */
  check(rate: number): void {
    if (this.#isNow) return;
    if (rate >= this.#baseline * GROWTH) {
      this.reset(rate);
      return;
    }
    this.#rounds++;
    this.#isNow = this.#rounds >= ROUNDS;
    if (this.#isNow) this.isReached = true;
  }
}
