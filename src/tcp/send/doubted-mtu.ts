/**
 * A packet-too-big error that is not believed at once: RFC 5927 §7.2. Packets of the size in question have
 * arrived before, so either the path has changed, and then the quoted segment is lost and will time out; or
 * the error is forged, and the segment will be acknowledged. The error waits for one or the other.
 *
 * The connection's first large segments are believed at once: nothing has shown yet that they fit, and path
 * MTU discovery begins with them.
 */
import { type Seq, seqAfter } from "../../base/seq.ts";

export class DoubtedMtu {
  /** What the router is said to take, in bytes; 0: it did not say. */
  readonly mtu: number;
  readonly #sequence: Seq;

  constructor(mtu: number, sequence: Seq) {
    this.mtu = mtu;
    this.#sequence = sequence;
  }

  /** The quoted segment has arrived after all. */
  isRefuted(una: Seq): boolean {
    return seqAfter(una, this.#sequence);
  }
}

/**
 * @param room the text that a segment would have room for
 * @param delivered the largest text of a segment that has arrived
 */
export function isDoubtful(room: number, delivered: number): boolean {
  return room < delivered;
}
