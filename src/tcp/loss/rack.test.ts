import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import { type SentRange, SpareRanges } from "../send/sent-range.ts";
import { Rack } from "./rack.ts";

const at = (time: number): Instant => time as Instant;
const us = (time: number): Duration => time as Duration;

/** Segments of 100, sent at these times. */
function sent(...times: number[]): RetransmissionQueue {
  const queue = new RetransmissionQueue(new SpareRanges());
  times.forEach((time, i) => {
    queue.sent(seq(100 * i), seq(100 * (i + 1)), 100, false, false, at(time));
  });
  return queue;
}

/** The segment that begins at 100 × `index`. */
function nth(queue: RetransmissionQueue, index: number): SentRange {
  return queue.find(seq(100 * index)) as SentRange;
}

function report(rack: Rack, queue: RetransmissionQueue, now: number, ...indexes: number[]): void {
  for (const index of indexes) {
    rack.delivered(nth(queue, index), at(now), us(1_000), false);
    queue.markSacked(nth(queue, index));
  }
}

function detect(rack: Rack, queue: RetransmissionQueue, window: number, now: number) {
  const lost: number[] = [];
  const lookAgain = rack.detect(queue, us(window), at(now), (record: SentRange) => lost.push(record.start));
  return { lost, lookAgain };
}

describe("Rack: RFC 8985 §6.2", () => {
  test("step 5: lost is what was sent before a delivered one, a round trip and the window ago", () => {
    const queue = sent(0, 10, 20);
    const rack = new Rack();
    report(rack, queue, 1_020, 2);
    // Each one's deadline: its sending + the round trip of 1000 + the window of 50. The last one's is waited
    // for, so that all that are late go out together.
    expect(detect(rack, queue, 50, 1_049)).toEqual({ lost: [], lookAgain: 1_060 });
    expect(detect(rack, queue, 50, 1_050)).toEqual({ lost: [0], lookAgain: 1_060 });
    expect(detect(rack, queue, 50, 1_060)).toEqual({ lost: [100], lookAgain: NEVER });
    expect([queue.lostBytes, queue.owedBytes]).toEqual([200, 200]);
  });

  test("within one burst the sequence number decides", () => {
    const queue = sent(0, 0, 0);
    const rack = new Rack();
    report(rack, queue, 1_000, 1);
    expect(detect(rack, queue, 0, 1_000)).toEqual({ lost: [0], lookAgain: NEVER });
  });

  test("of a unit that left at once, what lies below the delivered segments is lost, and no more", () => {
    const queue = new RetransmissionQueue(new SpareRanges());
    const unit = queue.sent(seq(0), seq(1_000), 100, false, false, at(0));
    const rack = new Rack();
    const reported = queue.within(unit, seq(300), seq(500)) as SentRange;
    rack.delivered(reported, at(1_000), us(1_000), false);
    queue.markSacked(reported);
    expect(detect(rack, queue, 0, 1_000)).toEqual({ lost: [0], lookAgain: NEVER });
    expect([queue.lostSegments, queue.lostBytes, queue.segmentsInFlight]).toEqual([3, 300, 5]);
  });

  test("without any round-trip time nothing that was sent at this very instant is lost at it", () => {
    const queue = sent(5, 5);
    const rack = new Rack();
    report(rack, queue, 5, 1);
    expect(detect(rack, queue, 0, 5)).toEqual({ lost: [], lookAgain: 6 });
    expect(detect(rack, queue, 0, 6)).toEqual({ lost: [0], lookAgain: NEVER });
  });

  test("what was sent later than everything delivered is not even looked at again", () => {
    const queue = sent(0, 10, 20);
    const rack = new Rack();
    report(rack, queue, 1_000, 0);
    expect(detect(rack, queue, 0, 5_000)).toEqual({ lost: [], lookAgain: NEVER });
  });

  test("a retransmission is lost when something sent after it is delivered", () => {
    const queue = sent(0, 0, 2_000);
    const rack = new Rack();
    report(rack, queue, 1_000, 1);
    expect(detect(rack, queue, 0, 1_000).lost).toEqual([0]);
    queue.resent(nth(queue, 0), at(1_000));
    expect(detect(rack, queue, 0, 1_900).lost).toEqual([]);
    report(rack, queue, 3_000, 2);
    expect(detect(rack, queue, 0, 3_000).lost).toEqual([0]);
    expect([queue.lostBytes, queue.owedBytes, queue.retransmittedBytes]).toEqual([100, 100, 0]);
  });

  test("step 2: the acknowledgment of a retransmission sooner than a round trip is that of the original", () => {
    const queue = sent(0, 0);
    const rack = new Rack();
    queue.markLost(nth(queue, 1));
    queue.resent(nth(queue, 1), at(5_000));
    report(rack, queue, 5_500, 1);
    // Nothing is known to have been delivered that was sent after record 0.
    expect(rack.hasNews).toBe(false);
    expect(detect(rack, queue, 0, 9_000).lost).toEqual([]);
  });

  test("step 2: so is one whose echoed timestamp is older than the retransmission", () => {
    const queue = sent(0, 0);
    const rack = new Rack();
    queue.markLost(nth(queue, 1));
    queue.resent(nth(queue, 1), at(5_000));
    rack.delivered(nth(queue, 1), at(7_000), us(1_000), true);
    expect(rack.hasNews).toBe(false);
    rack.delivered(nth(queue, 1), at(7_000), us(1_000), false);
    expect(rack.hasNews).toBe(true);
  });

  test("there is news once something was delivered, until losses were looked for", () => {
    const queue = sent(0, 0);
    const rack = new Rack();
    expect(rack.hasNews).toBe(false);
    report(rack, queue, 1_000, 0);
    expect(rack.hasNews).toBe(true);
    detect(rack, queue, 0, 1_000);
    expect(rack.hasNews).toBe(false);
    rack.lookAgain();
    expect(rack.hasNews).toBe(true);
  });

  test("§6.3: recent is what was sent less than the last round trip ago", () => {
    const queue = sent(0, 900);
    const rack = new Rack();
    report(rack, queue, 1_000, 0);
    expect(rack.isRecent(nth(queue, 1), at(1_899))).toBe(true);
    expect(rack.isRecent(nth(queue, 1), at(1_900))).toBe(false);
  });
});
