/**
 * Who is answered when there is no time for everybody. A host that cannot keep up with a flood of SYNs loses
 * frames in its device's queue, those of open connections too. Rather than that it leaves strangers without
 * an answer, whose SYNs come again if they are honest: of the SYN cookies (RFC 4987 §3.6) only so many go to
 * strangers between two polls of the host: half of what a device hands over at once when it has more.
 *
 * No stranger is who has completed a handshake lately, which nobody can do in another's name: Linux's proven
 * peers, in a table of fixed size, where a later one takes the place of an earlier one.
 */
import type { IpAddress } from "../../wire/address.ts";

const COOKIES_PER_ROUND = 32;
const PLACES = 4_096;

export class Strangers {
  readonly #hash: (address: IpAddress) => number;
  /** Hashes of the addresses that were met; 0: nobody. */
  readonly #met = new Int32Array(PLACES);
  #left = COOKIES_PER_ROUND;

  /** @param hash keyed, so that no stranger can look like somebody else */
  constructor(hash: (address: IpAddress) => number) {
    this.#hash = hash;
  }

  /** Whether a SYN from there is worth a cookie now. */
  admits(address: IpAddress): boolean {
    if (this.#left > 0) {
      this.#left--;
      return true;
    }
    return this.isMet(address);
  }

  /** The peer there has completed a handshake. */
  met(address: IpAddress): void {
    const hash = this.#hash(address);
    this.#met[hash & (PLACES - 1)] = hash;
  }

  isMet(address: IpAddress): boolean {
    const hash = this.#hash(address);
    return hash !== 0 && this.#met[hash & (PLACES - 1)] === hash;
  }

  /** The host is polled: what came since the last time is answered. */
  polled(): void {
    this.#left = COOKIES_PER_ROUND;
  }
}
