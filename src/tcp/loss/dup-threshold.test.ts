import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import { type SentRange, SpareRanges } from "../send/sent-range.ts";
import { highestUnreported, markBelowReports, RescueRetransmission } from "./dup-threshold.ts";

/** Segments of 100; those named are reported. */
function queueOf(count: number, ...reported: number[]): RetransmissionQueue {
  const queue = new RetransmissionQueue(new SpareRanges());
  for (let i = 0; i < count; i++)
    queue.sent(seq(100 * i), seq(100 * (i + 1)), 100, false, false, (10 * i) as Instant);
  for (const index of reported) queue.markSacked(queue.find(seq(100 * index)) as SentRange);
  return queue;
}

function lostIn(queue: RetransmissionQueue, threshold = 3, mss = 100): number[] {
  const lost: number[] = [];
  markBelowReports(queue, threshold, mss, record => lost.push(record.start / 100));
  return lost.sort();
}

describe("IsLost(): RFC 6675 §4", () => {
  test("lost is what lies below three reported segments", () => {
    expect(lostIn(queueOf(8, 3, 5))).toEqual([]);
    expect(lostIn(queueOf(8, 3, 5, 6))).toEqual([0, 1, 2]);
    expect(lostIn(queueOf(8, 1, 5, 6, 7))).toEqual([0, 2, 3, 4]);
  });

  test("or below more than two segments' bytes, however many segments that is", () => {
    // Two records of 100, where a full segment has 99.
    expect(lostIn(queueOf(4, 2, 3), 3, 99)).toEqual([0, 1]);
    expect(lostIn(queueOf(4, 2, 3), 3, 100)).toEqual([]);
  });

  test("counts the segments of a range that was reported at once", () => {
    const queue = new RetransmissionQueue(new SpareRanges());
    const unit = queue.sent(seq(0), seq(800), 100, false, false, 0 as Instant);
    queue.markSacked(queue.within(unit, seq(200), seq(400)) as SentRange);
    expect(lostIn(queue)).toEqual([]);
    queue.markSacked(queue.within(queue.last as SentRange, seq(700), seq(800)) as SentRange);
    expect(lostIn(queue)).toEqual([0]);
    expect(queue.lostSegments).toBe(2);
  });

  test("what is held for lost already, or went out again, is not found again", () => {
    const queue = queueOf(6, 3, 4, 5);
    expect(lostIn(queue)).toEqual([0, 1, 2]);
    expect(lostIn(queue)).toEqual([]);
    queue.resent(queue.first as SentRange, 99 as Instant);
    expect(lostIn(queue)).toEqual([]);
  });
});

describe("the rescue retransmission: RFC 6675 §4, NextSeg() (4)", () => {
  test("is of the highest segment that was not reported", () => {
    expect(highestUnreported(queueOf(5, 1, 3, 4))?.start).toBe(200);
    expect(highestUnreported(queueOf(2, 0, 1))).toBeUndefined();
  });

  test("goes out once, until the recovery point of its time is acknowledged", () => {
    const rescue = new RescueRetransmission();
    expect(rescue.mayGo(seq(100))).toBe(true);
    rescue.sent(seq(500));
    expect(rescue.mayGo(seq(500))).toBe(false);
    expect(rescue.mayGo(seq(501))).toBe(true);
  });
});
