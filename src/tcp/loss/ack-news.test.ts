import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import { SentRange, SpareRanges } from "../send/sent-range.ts";
import { AckNews } from "./ack-news.ts";

const at = (time: number): Instant => time as Instant;

/** A record of 100 bytes, sent so often. */
function record(start: number, sentAt: number, transmissions = 1): SentRange {
  const range = new SentRange();
  range.begin(seq(start), seq(start + 100), 100, false, false, at(sentAt));
  range.transmissions = transmissions;
  return range;
}

/** An acknowledgment when everything up to `highest` has arrived in part, in a recovery up to `point`. */
function news(highest = 1_000, point = 500): AckNews {
  const one = new AckNews();
  one.begin(seq(100), seq(highest), seq(point), undefined);
  return one;
}

describe("what an acknowledgment tells", () => {
  test("each begins with nothing that the one before told", () => {
    const used = news();
    used.reported(record(300, 7));
    const retransmitted = record(400, 8, 2);
    retransmitted.retransmitted = true;
    used.losing(retransmitted);
    const told = {
      isPlain: true,
      isDuplicate: true,
      congestion: true,
      isOfProbe: true,
      duplicateSegments: 3,
    };
    Object.assign(used, told, { advanced: 5, echo: 9 });
    used.begin(seq(200), seq(2_000), seq(600), undefined);
    const fresh = new AckNews();
    fresh.begin(seq(200), seq(2_000), seq(600), undefined);
    // It has no meaning where nothing was reported.
    used.lastSackedSentAt = fresh.lastSackedSentAt;
    expect(used).toEqual(fresh);
    expect(fresh).toMatchObject({ una: 200, sacked: 0, originalArrived: false, lostRetransmission: false });
  });

  test("SACK: how much, and when the first and the last of it was sent, of what was sent once", () => {
    const one = news();
    one.reported(record(300, 7));
    one.reported(record(400, 9));
    one.reported(record(500, 30, 2));
    expect(one).toMatchObject({ sacked: 300, firstSackedSentAt: 7, lastSackedSentAt: 9 });
  });

  test("something original of before the recovery point has arrived (RFC 5682 §3.1, 3b)", () => {
    const arrives = (start: number, transmissions: number): boolean => {
      const one = news();
      one.reported(record(start, 7, transmissions));
      return one.originalArrived;
    };
    expect(arrives(400, 1)).toBe(true);
    expect(arrives(401, 1)).toBe(false);
    expect(arrives(400, 2)).toBe(false);
  });

  test("so it has by a cumulative acknowledgment, of what was sent once", () => {
    for (const [transmissions, arrived] of [
      [1, true],
      [2, false],
    ] as const) {
      const queue = new RetransmissionQueue(new SpareRanges());
      const sent = queue.sent(seq(100), seq(200), 100, false, false, at(7));
      sent.transmissions = transmissions;
      const one = news();
      one.acknowledged(queue.acknowledge(seq(200), () => {}));
      expect([one.advanced, one.originalArrived]).toEqual([100, arrived]);
    }
  });

  test("the lowest that has arrived after what lies behind it: reordering (RFC 8985 §6.2 step 3)", () => {
    const one = news(600);
    one.reported(record(600, 7));
    expect(one.lowestReordered).toBe(undefined);
    for (const start of [500, 300, 400]) one.reported(record(start, 7));
    expect(one.lowestReordered).toBe(300);
    one.reported(record(200, 7, 2));
    expect(one.lowestReordered).toBe(300);
  });

  test("a retransmission was lost: what is held for lost had gone out again", () => {
    const one = news();
    const lost = record(300, 7);
    one.losing(lost);
    expect(one.lostRetransmission).toBe(false);
    lost.retransmitted = true;
    one.losing(lost);
    expect(one.lostRetransmission).toBe(true);
  });
});
