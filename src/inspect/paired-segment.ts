/** A segment as both ends know it: one line of a ladder. */
import type { StorySegment } from "./story.ts";

/** Whose of the two ends: the one that is looked at, or its peer. */
export type End = "near" | "far";

/**
 * `held-lost`: it was sent again, and nobody knows whether it came. `unknown`: it may have come, or be under
 * way.
 */
export type Fate = "arrived" | "lost" | "held-lost" | "unknown";

export class PairedSegment {
  readonly sender: End;
  /** As the sender told it, or else as the receiver did; numbered as the sender counts, if that is known. */
  readonly segment: StorySegment;
  /** Which of its direction, in order of leaving. */
  readonly order: number;
  /** µs that those before it were under way when it left; of one that was overtaken, what fits between. */
  expectedDelay: number | undefined;
  /** Which of the pair's segments, those forgotten among them. */
  place = 0;
  readonly sentAt: number | undefined;
  /** Of its last part, if it came in parts. */
  receivedAt: number | undefined;
  /** What the receiver made of it. */
  verdict: string | undefined;
  /** The wire doubled it: this is not the first arrival of this sending. */
  isCopy = false;
  /** It came after one that had left later. */
  isOvertaken = false;
  isHeldLost = false;
  /** Bytes that have come. */
  arrived = 0;
  /** What the sender's story holds, where a wire's loss is noted. */
  readonly #told: StorySegment;

  constructor(
    sender: End,
    segment: StorySegment,
    told: StorySegment,
    order: number,
    expectedDelay: number | undefined,
  ) {
    this.sender = sender;
    this.segment = segment;
    this.order = order;
    this.expectedDelay = expectedDelay;
    this.sentAt = segment.sentAt;
    this.receivedAt = segment.receivedAt;
    this.verdict = segment.verdict;
    this.#told = told;
  }

  /** The wire took it, or a part of it. */
  get isLost(): boolean {
    return this.#told.lost;
  }

  get fate(): Fate {
    if (this.receivedAt !== undefined) return "arrived";
    if (this.isLost) return "lost";
    return this.isHeldLost ? "held-lost" : "unknown";
  }

  /** When an end first knew of it: lists are in this order. */
  get time(): number {
    return this.sentAt ?? this.receivedAt ?? 0;
  }
}
