/**
 * What is in flight in the order in which it was last sent: RFC 8985 §9.4 asks for this list, so that loss
 * detection by time looks only at what may be due. A doubly linked list through the records themselves.
 */
import { seqAfter } from "../../base/seq.ts";
import type { SentRange } from "./sent-range.ts";

export class TransmissionOrder {
  #oldest: SentRange | undefined = undefined;
  #newest: SentRange | undefined = undefined;

  get oldest(): SentRange | undefined {
    return this.#oldest;
  }

  /** The record has just been sent: it goes to the end. */
  sent(record: SentRange): void {
    this.remove(record);
    this.#link(record, this.#newest);
  }

  /** A record that was cut off from `sibling` was sent when that was. */
  insertAfter(record: SentRange, sibling: SentRange): void {
    if (sibling.isOrdered) this.#link(record, sibling);
  }

  /**
   * A record that had left comes back to where its time of sending puts it. `near` is where to begin to look:
   * the one restored before, if several are.
   */
  restore(record: SentRange, near: SentRange | undefined): void {
    if (record.isOrdered) return;
    let before = near ?? this.#newest;
    while (before !== undefined && isSentAfter(before, record)) before = before.earlier;
    let next = before === undefined ? this.#oldest : before.later;
    while (next !== undefined && !isSentAfter(next, record)) {
      before = next;
      next = next.later;
    }
    this.#link(record, before);
  }

  /** The record has arrived, or is held to be lost. */
  remove(record: SentRange): void {
    if (!record.isOrdered) return;
    const { earlier, later } = record;
    if (earlier === undefined) this.#oldest = later;
    else earlier.later = later;
    if (later === undefined) this.#newest = earlier;
    else later.earlier = earlier;
    record.earlier = undefined;
    record.later = undefined;
    record.isOrdered = false;
  }

  clear(): void {
    this.#oldest = undefined;
    this.#newest = undefined;
  }

  #link(record: SentRange, before: SentRange | undefined): void {
    const after = before === undefined ? this.#oldest : before.later;
    record.earlier = before;
    record.later = after;
    record.isOrdered = true;
    if (before === undefined) this.#oldest = record;
    else before.later = record;
    if (after === undefined) this.#newest = record;
    else after.earlier = record;
  }
}

/** RFC 8985 §5.2, RACK_sent_after: by time, and by sequence within one burst. */
function isSentAfter(a: SentRange, b: SentRange): boolean {
  return a.sentAt > b.sentAt || (a.sentAt === b.sentAt && seqAfter(a.end, b.end));
}
