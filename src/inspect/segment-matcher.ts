/**
 * One direction of a connection: which of the segments that came in is which of those that were sent. A
 * segment is known by its numbers, flags and timestamp, the same one twice by order. A unit may have been cut
 * under way, or joined with its neighbors: then its text tells. What is kept of the past is bounded; an
 * arrival that finds no sending stands for itself.
 */
import { type End, PairedSegment } from "./paired-segment.ts";
import { RecentMap } from "./recent-map.ts";
import type { StorySegment } from "./story.ts";

/** Sendings that wait for their arrival, and arrivals that may come twice. */
const KEPT = 8_192;

/** Sendings of text that are looked at when no sending is just like the arrival. */
const SEARCH = 512;

export class SegmentMatcher {
  readonly #sender: End;
  /** Sent, and not yet seen to arrive: by key, in order. */
  readonly #waiting = new RecentMap<string, PairedSegment[]>(KEPT);
  #texts: PairedSegment[] = [];
  readonly #arrived = new RecentMap<string, PairedSegment>(KEPT);
  /** The last sending of the text that begins here. */
  readonly #lastSent = new RecentMap<number, PairedSegment>(KEPT);
  #order = 0;
  #newestArrived = -1;
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
    return paired;
  }

  #textSent(paired: PairedSegment): void {
    const { sequence, cause } = paired.segment;
    const before = this.#lastSent.get(sequence);
    if (before !== undefined && cause !== undefined && cause !== "tlp" && cause !== "spurious") {
      before.isHeldLost = true;
    }
    this.#lastSent.set(sequence, paired);
    this.#texts.push(paired);
    if (this.#texts.length > 2 * KEPT) this.#texts = this.#texts.filter(isWaiting).slice(-KEPT);
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
    this.#newestArrived = Math.max(this.#newestArrived, paired.order);
    if (arrival.receivedAt === undefined || paired.sentAt === undefined) return;
    this.delay = arrival.receivedAt - paired.sentAt;
    this.shortestDelay = Math.min(this.shortestDelay, this.delay);
    this.longestDelay = Math.max(this.longestDelay, this.delay);
  }

  #completedInParts(arrival: StorySegment): boolean {
    let isFound = false;
    let looked = 0;
    while (this.#texts.length > 0 && !isPending(this.#texts[0])) this.#texts.shift();
    for (const paired of this.#texts) {
      if (!isPending(paired)) continue;
      if (++looked > SEARCH) break;
      const { segment } = paired;
      if (contains(segment, arrival)) {
        this.#completed(paired, arrival);
        return true;
      }
      if (paired.arrived > 0 || !contains(arrival, segment)) continue;
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

/** More of it may come. */
function isPending(paired: PairedSegment | undefined): boolean {
  if (paired === undefined) return false;
  const { length, segments } = paired.segment;
  return paired.arrived < length && (segments > 1 || isWaiting(paired));
}

function contains(outer: StorySegment, inner: StorySegment): boolean {
  if (outer.timestamp !== inner.timestamp) return false;
  return inner.sequence >= outer.sequence && inner.sequence + inner.length <= outer.sequence + outer.length;
}

const KINDS = ["SYN", "FIN", "RST"];

/** Congestion marks and PSH change under way, when units are cut and joined. */
function keyOf({ sequence, length, acknowledgment, flags, timestamp }: StorySegment): string {
  const kind = KINDS.find(flag => flags.includes(flag)) ?? "";
  return `${sequence} ${length} ${acknowledgment} ${kind} ${timestamp}`;
}
