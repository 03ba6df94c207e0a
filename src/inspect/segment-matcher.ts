/**
 * One direction of a connection: which of the segments that came in is which of those that were sent. A
 * segment is known by its numbers, flags and timestamp, the same one twice by order. A unit may have been cut
 * under way, or joined with its neighbors: then its text tells. What is kept of the past is bounded; an
 * arrival that finds no sending stands for itself.
 */
import { Fifo } from "../base/fifo.ts";
import { type End, PairedSegment } from "./paired-segment.ts";
import { contains, PendingTexts } from "./pending-texts.ts";
import { RecentMap } from "./recent-map.ts";
import type { StorySegment } from "./story.ts";

/** Sendings that wait for their arrival, and arrivals that may come twice. */
const KEPT = 8_192;

/** Stretches of 64 KiB: more is never under way, and parts come soon after their unit. */
const KEPT_STRETCHES = 512;

export class SegmentMatcher {
  readonly #sender: End;
  /** Sent, and not yet seen to arrive: by key, in order. */
  readonly #waiting = new RecentMap<string, PairedSegment[]>(KEPT);
  readonly #texts = new PendingTexts(KEPT_STRETCHES);
  /** Sendings that none has overtaken yet: nothing that was sent later has come. */
  readonly #ahead = new Fifo<PairedSegment>();
  readonly #arrived = new RecentMap<string, PairedSegment>(KEPT);
  /** The last sending of the text that begins here. */
  readonly #lastSent = new RecentMap<number, PairedSegment>(KEPT);
  #order = 0;
  #newestArrived = -1;
  #newestArrivedAt = Number.NEGATIVE_INFINITY;
  /** µs from sending to arrival, of the last one that came, of the fastest and of the slowest. */
  delay: number | undefined;
  shortestDelay = Number.POSITIVE_INFINITY;
  longestDelay = 0;
  readonly #onChange: (paired: PairedSegment) => void;

  /** `onChange`: of a sending that is known already, something new is known. */
  constructor(sender: End, onChange: (paired: PairedSegment) => void) {
    this.#sender = sender;
    this.#onChange = onChange;
  }

  sent(segment: StorySegment, told: StorySegment): PairedSegment {
    const paired = new PairedSegment(this.#sender, segment, told, this.#order++, this.delay);
    const key = keyOf(segment);
    const same = this.#waiting.get(key);
    if (same !== undefined) same.push(paired);
    else this.#waiting.set(key, [paired]);
    if (same !== undefined && same.length > KEPT) same.shift();
    if (segment.length > 0) this.#textSent(paired);
    this.#ahead.push(paired);
    if (this.#ahead.length > KEPT) this.#ahead.shift();
    return paired;
  }

  #textSent(paired: PairedSegment): void {
    const { sequence, cause } = paired.segment;
    const before = this.#lastSent.get(sequence);
    if (before !== undefined && cause !== undefined && cause !== "tlp" && cause !== "spurious") {
      before.isHeldLost = true;
    }
    this.#lastSent.set(sequence, paired);
    this.#texts.add(paired);
  }

  /** There is a sending that this may be the arrival of. */
  knows(segment: StorySegment): boolean {
    return this.#waiting.has(keyOf(segment));
  }

  /** A pair of its own, if there is no sending that it completes. */
  received(segment: StorySegment): PairedSegment | undefined {
    const key = keyOf(segment);
    const exact = this.#take(key, segment.receivedAt ?? 0);
    if (exact !== undefined) {
      this.#completed(exact, segment);
      this.#arrived.set(key, exact);
      return undefined;
    }
    if (segment.length > 0 && this.#completedInParts(segment)) return undefined;
    const first = this.#arrived.get(key);
    const known = first === undefined ? segment : { ...first.segment, receivedAt: segment.receivedAt };
    const paired = new PairedSegment(this.#sender, known, known, this.#order++, this.delay);
    paired.verdict = segment.verdict;
    paired.isCopy = first !== undefined;
    return paired;
  }

  /** The first of these that has not come, and that is not lost. */
  #take(key: string, receivedAt: number): PairedSegment | undefined {
    const same = this.#waiting.get(key);
    while (same !== undefined && same.length > 0) {
      const paired = same.shift();
      if (same.length === 0) this.#waiting.delete(key);
      if (paired !== undefined && isWaiting(paired) && !this.#isSuperseded(paired, same[0], receivedAt))
        return paired;
    }
    return undefined;
  }

  /** Later ones have come, and there was time enough for its next sending to come: then that is it. */
  #isSuperseded(paired: PairedSegment, next: PairedSegment | undefined, receivedAt: number): boolean {
    if (next?.sentAt === undefined || paired.order > this.#newestArrived) return false;
    return next.sentAt + this.shortestDelay <= receivedAt;
  }

  #completed(paired: PairedSegment, arrival: StorySegment): void {
    this.#onChange(paired);
    paired.receivedAt = arrival.receivedAt;
    paired.verdict = arrival.verdict;
    paired.arrived += Math.min(arrival.length, paired.segment.length);
    paired.isOvertaken = paired.order < this.#newestArrived;
    if (!paired.isOvertaken) this.#overtook(paired);
    if (arrival.receivedAt === undefined || paired.sentAt === undefined) return;
    this.delay = arrival.receivedAt - paired.sentAt;
    this.shortestDelay = Math.min(this.shortestDelay, this.delay);
    this.longestDelay = Math.max(this.longestDelay, this.delay);
  }

  /**
   * What was sent between the newest that came and this one, and has not come, was on the wire between them,
   * however long it took those that came before it was sent: queues shrink and grow.
   */
  #overtook(paired: PairedSegment): void {
    const { receivedAt = 0 } = paired;
    while (this.#ahead.length > 0) {
      const first = this.#ahead.peek();
      if (first === undefined || first.order > paired.order) break;
      this.#ahead.shift();
      const { sentAt, expectedDelay } = first;
      if (first.receivedAt !== undefined || sentAt === undefined || expectedDelay === undefined) continue;
      const expected = Math.min(receivedAt, Math.max(this.#newestArrivedAt, sentAt + expectedDelay));
      if (expected === sentAt + expectedDelay) continue;
      first.expectedDelay = expected - sentAt;
      this.#onChange(first);
    }
    this.#newestArrived = paired.order;
    this.#newestArrivedAt = receivedAt;
  }

  #completedInParts(arrival: StorySegment): boolean {
    let isFound = false;
    for (const paired of this.#texts.around(arrival)) {
      if (contains(paired.segment, arrival)) {
        this.#completed(paired, arrival);
        return true;
      }
      if (paired.arrived > 0 || !contains(arrival, paired.segment)) continue;
      this.#completed(paired, arrival);
      isFound = true;
    }
    return isFound;
  }
}

/** Not at all there yet. */
function isWaiting(paired: PairedSegment): boolean {
  return paired.receivedAt === undefined && !paired.isLost;
}

const KINDS = ["SYN", "FIN", "RST"];

/** Congestion marks and PSH change under way, when units are cut and joined. */
function keyOf({ sequence, length, acknowledgment, flags, timestamp }: StorySegment): string {
  const kind = KINDS.find(flag => flags.includes(flag)) ?? "";
  return `${sequence} ${length} ${acknowledgment} ${kind} ${timestamp}`;
}
