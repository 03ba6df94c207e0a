/**
 * Two ends of one connection, put together for the ladder: each segment once, with when it left one end and
 * when it came to the other. What no end saw is estimated, and said to be:
 *
 *     both        each end tells what it sends and what it gets: nothing is estimated but what is under way
 *     one         only the near end does: the other is half a round trip away
 *     between     each segment has one time, as in a capture: who looked on stood somewhere between the ends,
 *                 half of a round trip to either one and back away from it
 */
import { seq, seqDiff } from "../base/seq.ts";
import type { End, Fate, PairedSegment } from "./paired-segment.ts";
import { SegmentMatcher } from "./segment-matcher.ts";
import type { Story, StorySegment } from "./story.ts";
import { STORY_LIMITS } from "./story-builder.ts";
import { StoryList } from "./story-list.ts";

export type Knowledge = "both" | "one" | "between";

/** One of the two stories, and how far it is read. */
interface Reader {
  readonly end: End;
  readonly story: Story | undefined;
  /** Segments of the story that are read, those forgotten among them. */
  read: number;
  readAcknowledgments: number;
  hasSent: boolean;
  hasReceived: boolean;
  /** The shortest round trip from where this end's segments were seen. */
  shortestRtt: number | undefined;
}

export class StoryPair {
  readonly near: Story;
  readonly far: Story | undefined;
  readonly #list: StoryList<PairedSegment>;
  readonly #readers: Readonly<Record<End, Reader>>;
  /** By sender. */
  readonly #matchers: Readonly<Record<End, SegmentMatcher>>;
  readonly #shifts: Record<End, number> = { near: 0, far: 0 };
  #changedFrom = 0;
  #length = 0;

  constructor(near: Story, far: Story | undefined, limit = STORY_LIMITS.segments) {
    this.near = near;
    this.far = far;
    this.#list = new StoryList(limit);
    this.#readers = { near: reader("near", near), far: reader("far", far) };
    const onChange = ({ place }: PairedSegment): void => {
      this.#changedFrom = Math.min(this.#changedFrom, place);
    };
    this.#matchers = { near: new SegmentMatcher("near", onChange), far: new SegmentMatcher("far", onChange) };
  }

  /** In order of their time; the array stays the same one, and grows with `update`. */
  get segments(): readonly PairedSegment[] {
    return this.#list.items;
  }

  /** So many have gone from the front of `segments`. */
  get forgotten(): number {
    return this.#list.forgotten;
  }

  get knowledge(): Knowledge {
    const { far } = this.#readers;
    if (!far.hasSent && !far.hasReceived) return "one";
    const isTimed = this.#matchers.near.longestDelay > 0 || this.#matchers.far.longestDelay > 0;
    return isTimed || this.#roundTrip === 0 ? "both" : "between";
  }

  /** What estimated times go by: when it changes all of them do. */
  get basis(): string {
    const { knowledge } = this;
    return knowledge === "both"
      ? knowledge
      : `${knowledge} ${this.#distance("near")} ${this.#distance("far")}`;
  }

  /** There is more to be taken in. */
  get isBehind(): boolean {
    return peek(this.#readers.near) !== undefined || peek(this.#readers.far) !== undefined;
  }

  /**
   * Takes in what the stories have got since, or so many segments of it. Answers the place of the first
   * segment with news.
   */
  update(most = Number.POSITIVE_INFINITY): number {
    this.#measure(this.#readers.near);
    this.#measure(this.#readers.far);
    this.#align();
    for (let taken = 0; taken < most; taken++) {
      const next = this.#next();
      if (next === undefined) break;
      this.#take(next.reader, next.segment);
    }
    const from = this.#changedFrom;
    this.#changedFrom = this.#length;
    return from;
  }

  /** When it left, known or estimated; undefined: there is nothing to estimate it by. */
  leftAt(paired: PairedSegment): number | undefined {
    const { sender, sentAt, receivedAt, expectedDelay } = paired;
    if (this.knowledge === "between") return minus(sentAt ?? receivedAt, this.#distance(sender));
    return sentAt ?? minus(receivedAt, expectedDelay ?? this.#halfRoundTrip);
  }

  /** When it came, or would have come. */
  arrivedAt(paired: PairedSegment): number | undefined {
    const { sender, sentAt, receivedAt, expectedDelay } = paired;
    if (this.knowledge === "between") return minus(sentAt ?? receivedAt, -this.#distance(other(sender)));
    if (receivedAt !== undefined || sentAt === undefined) return receivedAt;
    const delay = expectedDelay ?? this.#halfRoundTrip;
    return delay === undefined ? undefined : sentAt + delay;
  }

  /** Seen from between, one that passed may yet have been lost. */
  fateOf(paired: PairedSegment): Fate {
    return paired.isHeldLost && !paired.isLost && this.knowledge === "between" ? "held-lost" : paired.fate;
  }

  /** µs that segments are under way at least, as far as that is known. */
  get shortestDelay(): number | undefined {
    const { near, far } = this.#matchers;
    const shortest = Math.min(near.shortestDelay, far.shortestDelay);
    return this.knowledge === "both" && Number.isFinite(shortest) ? shortest : this.#halfRoundTrip;
  }

  /** No segment was longer under way than so many µs. */
  get longestDelay(): number {
    const { near, far } = this.#matchers;
    return Math.max(near.longestDelay, far.longestDelay, this.#roundTrip);
  }

  get #roundTrip(): number {
    return 2 * (this.#distance("near") + this.#distance("far"));
  }

  get #halfRoundTrip(): number | undefined {
    return this.#roundTrip > 0 ? this.#roundTrip / 2 : undefined;
  }

  /** From where segments were seen to this end, one way. */
  #distance(end: End): number {
    const { near, far } = this.#readers;
    if (!far.hasSent && !far.hasReceived && end === "near") return 0;
    return ((end === "near" ? far : near).shortestRtt ?? 0) / 2;
  }

  #measure(reader: Reader): void {
    const { story } = reader;
    if (story === undefined) return;
    const minimum = story.metrics[story.metrics.length - 1]?.minRtt ?? 0;
    if (minimum > 0) reader.shortestRtt = Math.min(reader.shortestRtt ?? minimum, minimum);
    const { acknowledgments } = story;
    // The list may have lost its front since; then some are read twice, which does no harm.
    const from = reader.readAcknowledgments > acknowledgments.length ? 0 : reader.readAcknowledgments;
    for (let i = from; i < acknowledgments.length; i++) {
      const rtt = acknowledgments[i]?.rtt;
      if (rtt !== undefined) reader.shortestRtt = Math.min(reader.shortestRtt ?? rtt, rtt);
    }
    reader.readAcknowledgments = acknowledgments.length;
  }

  /** The receiver's numbers, made the sender's: they differ where one of them missed the beginning. */
  #align(): void {
    const { near, far } = this;
    this.#shifts.near = shift(far?.receiveOrigin?.sequence, near.sendOrigin?.sequence);
    this.#shifts.far = shift(near.receiveOrigin?.sequence, far?.sendOrigin?.sequence);
  }

  /** The earlier; of one instant: arrivals of what was sent before, then sendings, then their arrivals. */
  #next(): { reader: Reader; segment: StorySegment } | undefined {
    const near = peek(this.#readers.near);
    const far = peek(this.#readers.far);
    const nearNext = near === undefined ? undefined : { reader: this.#readers.near, segment: near };
    const farNext = far === undefined ? undefined : { reader: this.#readers.far, segment: far };
    if (near === undefined || far === undefined) return nearNext ?? farNext;
    const difference = timeOf(near) - timeOf(far);
    if (difference !== 0) return difference < 0 ? nearNext : farNext;
    const isNearKnown = this.#isKnownArrival("far", near);
    const isFarKnown = this.#isKnownArrival("near", far);
    if (isNearKnown !== isFarKnown) return isNearKnown ? nearNext : farNext;
    return far.direction === "sent" && near.direction === "received" ? farNext : nearNext;
  }

  #isKnownArrival(sender: End, segment: StorySegment): boolean {
    return segment.direction === "received" && this.#matchers[sender].knows(this.#shifted(sender, segment));
  }

  #take(reader: Reader, segment: StorySegment): void {
    reader.read++;
    if (segment.direction === "sent") {
      reader.hasSent = true;
      const sender = reader.end;
      this.#push(this.#matchers[sender].sent(this.#shiftedAcknowledgment(sender, segment), segment));
      return;
    }
    reader.hasReceived = true;
    const sender = other(reader.end);
    const alone = this.#matchers[sender].received(this.#shifted(sender, segment));
    if (alone !== undefined) this.#push(alone);
  }

  #push(paired: PairedSegment): void {
    paired.place = this.#length++;
    this.#list.push(paired);
  }

  /** As the sender would number it: of what came in, the text is the sender's, and so is not ours. */
  #shifted(sender: End, segment: StorySegment): StorySegment {
    const by = this.#shifts[sender];
    return by === 0 ? segment : { ...segment, sequence: segment.sequence + by };
  }

  /** What it acknowledges is the other's text, as the other counts it. */
  #shiftedAcknowledgment(sender: End, segment: StorySegment): StorySegment {
    const by = this.#shifts[other(sender)];
    if (by === 0 || !segment.flags.includes("ACK")) return segment;
    const sack = segment.sack.map(([start, end]) => [start + by, end + by] as const);
    return { ...segment, acknowledgment: segment.acknowledgment + by, sack };
  }
}

export function other(end: End): End {
  return end === "near" ? "far" : "near";
}

function reader(end: End, story: Story | undefined): Reader {
  const unread = { read: 0, readAcknowledgments: 0, hasSent: false, hasReceived: false };
  return { end, story, ...unread, shortestRtt: undefined };
}

/** The next segment of a story that is not read yet, or not forgotten before it was. */
function peek(reader: Reader): StorySegment | undefined {
  const { story } = reader;
  if (story === undefined) return undefined;
  reader.read = Math.max(reader.read, story.forgottenSegments);
  return story.segments[reader.read - story.forgottenSegments];
}

function timeOf({ sentAt, receivedAt }: StorySegment): number {
  return sentAt ?? receivedAt ?? 0;
}

function minus(time: number | undefined, by: number | undefined): number | undefined {
  return time === undefined ? undefined : time - (by ?? 0);
}

function shift(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? 0 : seqDiff(seq(from), seq(to));
}
