import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentSegment } from "../send/sent-segment.ts";
import { Rack } from "./rack.ts";

const NONE = 0 as Duration;
const at = (time: number): Instant => time as Instant;
const us = (time: number): Duration => time as Duration;

/** Segments of 100, sent at these times. */
function sent(...times: number[]): RetransmissionQueue {
  const queue = new RetransmissionQueue();
  times.forEach((time, i) => {
    queue.sent(seq(100 * i), seq(100 * (i + 1)), false, false, at(time));
  });
  return queue;
}

function report(rack: Rack, queue: RetransmissionQueue, now: number, ...indexes: number[]): void {
  rack.acknowledgmentArrives();
  for (const index of indexes) {
    rack.delivered(queue.at(index), at(now), us(1_000));
    queue.markSacked(queue.at(index));
  }
}

function detect(rack: Rack, queue: RetransmissionQueue, window: number, now: number) {
  const lost: number[] = [];
  const lookAgain = rack.detect(queue, us(window), at(now), (record: SentSegment) => lost.push(record.start));
  return { lost, lookAgain };
}

describe("Rack: RFC 8985 §6.2", () => {
  test("step 5: lost is what was sent before a delivered one, a round trip and the window ago", () => {
    const queue = sent(0, 10, 20);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_020, 2);
    // Each one's deadline: its sending + the round trip of 1000 + the window of 50.
    expect(detect(rack, queue, 50, 1_049)).toEqual({ lost: [], lookAgain: 1_050 });
    expect(detect(rack, queue, 50, 1_050)).toEqual({ lost: [0], lookAgain: 1_060 });
    expect(detect(rack, queue, 50, 1_060)).toEqual({ lost: [100], lookAgain: NEVER });
  });

  test("within one burst the sequence number decides", () => {
    const queue = sent(0, 0, 0);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 1);
    expect(detect(rack, queue, 0, 1_000)).toEqual({ lost: [0], lookAgain: NEVER });
  });

  test("without any round-trip time nothing that was sent at this very instant is lost at it", () => {
    const queue = sent(5, 5);
    const rack = new Rack(seq(0));
    report(rack, queue, 5, 1);
    expect(detect(rack, queue, 0, 5)).toEqual({ lost: [], lookAgain: 6 });
    expect(detect(rack, queue, 0, 6)).toEqual({ lost: [0], lookAgain: NEVER });
  });

  test("what was sent later than everything delivered is not even looked at again", () => {
    const queue = sent(0, 10, 20);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 0);
    expect(detect(rack, queue, 0, 5_000)).toEqual({ lost: [], lookAgain: NEVER });
  });

  test("a retransmission is lost when something sent after it is delivered", () => {
    const queue = sent(0, 0, 2_000);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 1);
    expect(detect(rack, queue, 0, 1_000).lost).toEqual([0]);
    queue.resent(queue.at(0), at(1_000));
    expect(detect(rack, queue, 0, 1_900).lost).toEqual([]);
    report(rack, queue, 3_000, 2);
    expect(detect(rack, queue, 0, 3_000).lost).toEqual([0]);
  });

  test("step 2: the acknowledgment of a retransmission sooner than a round trip is that of the original", () => {
    const queue = sent(0, 0);
    const rack = new Rack(seq(0));
    queue.markLost(queue.at(1));
    queue.resent(queue.at(1), at(5_000));
    report(rack, queue, 5_500, 1);
    // Nothing is known to have been delivered that was sent after record 0.
    expect(detect(rack, queue, 0, 9_000).lost).toEqual([]);
  });

  test("step 3: reordering is seen when an earlier segment, sent once, comes after a later one", () => {
    const queue = sent(0, 0, 0);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 2);
    expect(rack.reorderingSeen).toBe(false);
    report(rack, queue, 1_010, 0);
    expect(rack.reorderingSeen).toBe(true);
  });

  test("step 3: what one acknowledgment reports together shows no order", () => {
    const queue = sent(0, 0, 0, 0);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 3, 1);
    expect(rack.reorderingSeen).toBe(false);
  });

  test("step 3: a retransmission that comes late is no reordering", () => {
    const queue = sent(0, 0);
    const rack = new Rack(seq(0));
    report(rack, queue, 1_000, 1);
    queue.markLost(queue.at(0));
    queue.resent(queue.at(0), at(1_000));
    report(rack, queue, 2_000, 0);
    expect(rack.reorderingSeen).toBe(false);
  });

  test("step 4: the window is a quarter of the least round trip, at most SRTT", () => {
    const rack = new Rack(seq(0));
    expect(rack.reorderingWindow(us(1_000), us(800), false, 0)).toBe(200);
    expect(rack.reorderingWindow(us(100), us(800), false, 2)).toBe(100);
  });

  test("step 4: without reordering seen, none in recovery and none after three reports", () => {
    const rack = new Rack(seq(0));
    expect(rack.reorderingWindow(us(1_000), us(800), true, 0)).toBe(NONE);
    expect(rack.reorderingWindow(us(1_000), us(800), false, 3)).toBe(NONE);
    const queue = sent(0, 0);
    report(rack, queue, 1_000, 1);
    report(rack, queue, 1_001, 0);
    expect(rack.reorderingWindow(us(1_000), us(800), true, 3)).toBe(200);
  });
});
