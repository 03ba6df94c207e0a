/**
 * BBR.max_bw: the fastest delivery of this cycle of probing and of the one before. draft-ietf-ccwg-bbr §5.5.2
 * to §5.5.6. In bytes a second.
 */
import type { AckSample } from "../congestion-control.ts";

export class MaxBandwidth {
  #current = 0;
  #previous = 0;

  get value(): number {
    return Math.max(this.#current, this.#previous);
  }

  /** A rate that the user limited says nothing, unless it is a larger one. */
  update({ deliveryRate }: AckSample, isLimited: boolean): void {
    if (deliveryRate === 0 || (isLimited && deliveryRate < this.value)) return;
    this.#current = Math.max(this.#current, deliveryRate);
  }

  /** §5.5.6: a cycle of probing is over. */
  advance(): void {
    if (this.#current === 0) return;
    this.#previous = this.#current;
    this.#current = 0;
  }
}
