/**
 * Round trips, timed by packets: one ends when something is delivered that was sent after it began.
 * draft-ietf-ccwg-bbr §5.5.1.
 */
import type { AckSample } from "../congestion-control.ts";

export class Rounds {
  #count = 0;
  #end = 0;
  #isStart = false;
  /** BBR.rounds_since_probe_up. */
  sinceProbe = 0;

  get count(): number {
    return this.#count;
  }

  /** A round trip ended with this acknowledgment. */
  get isStart(): boolean {
    return this.#isStart;
  }

  update(sample: AckSample): void {
    this.#isStart = sample.intervalDelivered > 0 && sample.priorDelivered >= this.#end;
    if (!this.#isStart) return;
    this.#count++;
    this.sinceProbe++;
    this.start(sample.delivered);
  }

  /** The next one begins now. */
  start(delivered: number): void {
    this.#end = delivered;
  }
}
