import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { SentRange } from "./sent-range.ts";
import { TransmissionOrder } from "./transmission-order.ts";

function segment(start: number, sentAt: number): SentRange {
  const record = new SentRange();
  record.start = seq(start);
  record.end = seq(start + 100);
  record.sentAt = sentAt as Instant;
  return record;
}

function shown(order: TransmissionOrder): number[] {
  const starts: number[] = [];
  for (let record = order.oldest; record !== undefined; record = record.later) starts.push(record.start);
  return starts;
}

describe("the order of transmission: RFC 8985 §9.4", () => {
  test("what goes out again goes to the end", () => {
    const order = new TransmissionOrder();
    const [a, b, c] = [segment(0, 1), segment(100, 2), segment(200, 3)];
    for (const record of [a, b, c]) order.sent(record);
    a.sentAt = 9 as Instant;
    order.sent(a);
    expect(shown(order)).toEqual([100, 200, 0]);
    order.sent(a);
    expect(shown(order)).toEqual([100, 200, 0]);
  });

  test("what has arrived leaves it, from wherever it is; leaving twice is nothing", () => {
    const order = new TransmissionOrder();
    const records = [0, 1, 2, 3].map(i => segment(100 * i, i));
    for (const record of records) order.sent(record);
    for (const index of [1, 1, 0, 3]) order.remove(records[index] as SentRange);
    expect(shown(order)).toEqual([200]);
    order.remove(records[2] as SentRange);
    expect(order.oldest).toBeUndefined();
  });

  test("the later part of a record follows the earlier; of one that has left, it stays outside too", () => {
    const order = new TransmissionOrder();
    const [a, b] = [segment(0, 1), segment(200, 2)];
    order.sent(a);
    order.sent(b);
    order.insertAfter(segment(100, 1), a);
    expect(shown(order)).toEqual([0, 100, 200]);
    order.remove(b);
    const outside = segment(300, 2);
    order.insertAfter(outside, b);
    expect([shown(order), outside.isOrdered]).toEqual([[0, 100], false]);
  });

  test("what comes back comes to its place by time, and within one burst by sequence", () => {
    const sends = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sends, fc.array(fc.nat(29), { maxLength: 30 }), fc.boolean(), (gaps, removed, usesHint) => {
        const order = new TransmissionOrder();
        let now = 0;
        const records = gaps.map((gap, i) => {
          now += gap;
          return segment(100 * i, now);
        });
        for (const record of records) order.sent(record);
        const gone = [...new Set(removed)].flatMap(i => records[i] ?? []);
        for (const record of gone) order.remove(record);
        let near: SentRange | undefined;
        for (const record of gone) {
          order.restore(record, near);
          if (usesHint) near = record;
        }
        expect(shown(order)).toEqual(records.map(record => record.start));
      }),
    );
  });
});
