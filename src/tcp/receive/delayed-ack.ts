/**
 * When to acknowledge: RFC 9293 §3.8.6.3 (MUST-58, MUST-59, SHLD-18), RFC 5681 §4.2: at once for the second
 * full segment, for text out of order or twice received, and for what fills a hole; else within a short time,
 * in the hope of a segment to ride on.
 */
export type AckUrgency = "none" | "delayed" | "now";

export class DelayedAck {
  #urgency: AckUrgency = "none";
  /** Text received since the last ACK, in bytes. */
  #unacknowledged = 0;
  #duplicates = 0;

  get urgency(): AckUrgency {
    return this.#urgency;
  }

  /** @param mss the size of the peer's full segments */
  textArrived(length: number, mss: number): void {
    this.#duplicates = 0;
    this.#unacknowledged += length;
    if (this.#unacknowledged >= 2 * mss) this.#urgency = "now";
    else if (this.#urgency === "none") this.#urgency = "delayed";
  }

  atOnce(): void {
    this.#urgency = "now";
  }

  /** Text came that fills a hole, in part or in whole. */
  holeFilled(): void {
    this.#duplicates = 0;
    this.#urgency = "now";
  }

  /**
   * A segment came out of order. Each is owed an ACK of its own, even when many come in one burst: the sender
   * counts them (RFC 5681 §4.2), and one of them may be lost.
   */
  outOfOrder(): void {
    this.#duplicates++;
    this.#urgency = "now";
  }

  /** How many duplicate ACKs are owed. Text in order since then makes the next ACK no duplicate. */
  takeDuplicates(): number {
    const count = this.#duplicates;
    this.#duplicates = 0;
    return count;
  }

  /** A segment with an acknowledgment went out. */
  sent(): void {
    this.#urgency = "none";
    this.#unacknowledged = 0;
  }
}
