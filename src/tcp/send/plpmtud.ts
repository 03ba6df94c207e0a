/**
 * Packetization-layer path MTU discovery: RFC 4821, RFC 8899 §5 with Linux's search. What routers do not say
 * is found out by losing packets on purpose: a probe is one segment of new text, larger than the others. If
 * it arrives, all may be as large; if it alone is lost, it was too large, and the network was not at fault.
 *
 *    base            low         probe          high
 *     |---------------|------------|--------------|
 *      known to pass                 not known to be lost
 *
 * Sizes are those of IP packets. Segments keep to `limit`, which is what the path was thought to take when
 * the connection began, until a larger probe arrives, or a black hole (§7.7) shows that this was too much.
 */
import { type Seq, seq, seqAtOrAfter } from "../../base/seq.ts";
import type { Duration, Instant } from "../../base/time.ts";

export class Plpmtud {
  #low: number;
  #high: number;
  #limit: number;
  #searchedAt: Instant;
  /** The probe in flight: its size, 0 without one, and its text. */
  #probe = 0;
  #start: Seq = seq(0);
  #end: Seq = seq(0);

  /**
   * @param low a size that is thought to pass everywhere
   * @param high what the peer takes
   * @param limit what the path is thought to take
   */
  constructor(low: number, high: number, limit: number, now: Instant) {
    this.#low = low;
    this.#high = high;
    this.#limit = limit;
    this.#searchedAt = now;
  }

  get limit(): number {
    return this.#limit;
  }

  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  /**
   * The size of the next probe; 0 when there is one in flight, or when nothing is left to be found.
   *
   * @param pathMtu what routers have said: RFC 4821 §7.6.1 takes it for the end of the search
   */
  next(pathMtu: number, threshold: number): number {
    const high = Math.min(this.#high, pathMtu);
    if (this.#probe > 0 || high - this.#low < threshold) return 0;
    const size = (high + this.#low) >> 1;
    return size > this.#limit ? size : 0;
  }

  sent(size: number, start: Seq, end: Seq): void {
    this.#probe = size;
    this.#start = start;
    this.#end = end;
  }

  /** Whether the acknowledgment tells that the probe has arrived: RFC 4821 §7.6.2. */
  acknowledged(una: Seq): boolean {
    if (this.#probe === 0 || !seqAtOrAfter(una, this.#end)) return false;
    this.#low = this.#probe;
    this.#limit = this.#probe;
    this.#probe = 0;
    return true;
  }

  /** Loss has been detected: whether it is the probe that is missing. RFC 4821 §7.6.3. */
  lost(una: Seq): boolean {
    if (this.#probe === 0 || una !== this.#start) return false;
    this.#high = this.#probe - 1;
    this.#probe = 0;
    return true;
  }

  /** A timeout: what became of the probe says nothing. RFC 4821 §7.6.4. */
  forget(): void {
    this.#probe = 0;
  }

  /**
   * Timeout after timeout: RFC 4821 §7.7, the last resort. Down to `low`; from there on, its text is halved.
   *
   * @param base the text of a segment that is thought to pass everywhere
   * @param least the text that is never gone below
   * @param headers what a packet has beside its text
   */
  blackHole(base: number, least: number, headers: number): void {
    if (this.#limit <= this.#low) {
      const half = (this.#low - headers) >> 1;
      this.#low = Math.max(Math.min(base, half), least) + headers;
    }
    this.#limit = Math.min(this.#limit, this.#low);
  }

  /** The path may have changed: from time to time a finished search begins anew. RFC 4821 §7.8. */
  searchAgain(high: number, interval: Duration, now: Instant): void {
    if (this.#probe > 0 || now - this.#searchedAt < interval) return;
    this.#searchedAt = now;
    this.#high = high;
    this.#low = Math.min(this.#limit, high);
  }
}
