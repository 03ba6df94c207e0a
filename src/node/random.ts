/**
 * The operating system's random numbers, fetched a page at a time: a call into OpenSSL for each word would
 * cost µs.
 */
import { randomFillSync } from "node:crypto";
import type { Random } from "../base/random.ts";

const BUFFERED_WORDS = 1_024;

export class CryptoRandom implements Random {
  readonly #words = new Uint32Array(BUFFERED_WORDS);
  #next = BUFFERED_WORDS;

  uint32(): number {
    if (this.#next === BUFFERED_WORDS) {
      randomFillSync(this.#words);
      this.#next = 0;
    }
    const word = this.#words[this.#next] as number;
    // A number that was given out may be a secret: it is not kept.
    this.#words[this.#next++] = 0;
    return word;
  }

  fill(bytes: Uint8Array): void {
    randomFillSync(bytes);
  }
}
