import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Seq, seq, seqAdd, seqDiff } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "./retransmission-queue.ts";

const at = (time: number): Instant => time as Instant;
const ignore = (): void => {};

function queueOf(...lengths: number[]): RetransmissionQueue {
  const queue = new RetransmissionQueue();
  let start = 0;
  lengths.forEach((length, i) => {
    queue.sent(seq(start), seq(start + length), false, false, at(i));
    start += length;
  });
  return queue;
}

describe("acknowledge", () => {
  test("takes off whole records, cuts the one in the middle, and sums up", () => {
    const queue = queueOf(100, 100, 100);
    const visited: Seq[] = [];
    const result = queue.acknowledge(seq(150), record => visited.push(record.start));
    expect(result).toMatchObject({ total: 150, bytes: 150, anyRetransmitted: false, oldestOnceSentAt: 0 });
    expect(visited).toEqual([0]);
    expect([queue.count, queue.first?.start, queue.first?.end]).toEqual([2, 150, 200]);
    expect(queue.pipe).toBe(150);
  });

  test("of nothing new answers nothing", () => {
    const queue = queueOf(100);
    expect(queue.acknowledge(seq(0), ignore)).toMatchObject({ total: 0, bytes: 0 });
    expect(queue.acknowledge(seq(-5), ignore)).toMatchObject({ total: 0, oldestOnceSentAt: undefined });
    expect(queue.count).toBe(1);
  });

  test("what SACK had reported is in the total, not among the bytes newly delivered, and not visited", () => {
    const queue = queueOf(100, 100);
    queue.markSacked(queue.at(1));
    const visited: Seq[] = [];
    const result = queue.acknowledge(seq(200), record => visited.push(record.start));
    expect(result).toMatchObject({ total: 200, bytes: 100 });
    expect(visited).toEqual([0]);
    expect([queue.sackedBytes, queue.pipe]).toEqual([0, 0]);
  });

  test("tells whether a record had been sent twice, and when the last of them was sent (Karn)", () => {
    const queue = queueOf(100, 100, 100);
    queue.markLost(queue.at(1));
    queue.resent(queue.at(1), at(50));
    const result = queue.acknowledge(seq(300), ignore);
    expect(result).toMatchObject({ anyRetransmitted: true });
  });

  test("half of a lost record is half lost", () => {
    const queue = queueOf(100);
    queue.markLost(queue.at(0));
    queue.acknowledge(seq(30), ignore);
    expect([queue.lostBytes, queue.pipe]).toEqual([70, 0]);
  });

  test("a SYN is the first number of its record, a FIN the last", () => {
    const queue = new RetransmissionQueue();
    queue.sent(seq(0), seq(1), true, false, at(0));
    queue.sent(seq(1), seq(11), false, true, at(0));
    queue.acknowledge(seq(1), ignore);
    expect(queue.first).toMatchObject({ syn: false, fin: true });
    queue.acknowledge(seq(10), ignore);
    expect(queue.first).toMatchObject({ start: 10, end: 11, fin: true });
  });
});

test("reports cut records into 256 pieces at most; pieces that are acknowledged make room (CVE-2019-11478)", () => {
  const queue = queueOf(1_000, 1_000);
  for (let i = 1; i <= 256; i++) expect(queue.cut(i - 1, seq(i))).toBe(true);
  expect(queue.cut(256, seq(257))).toBe(false);
  expect(queue.count).toBe(258);
  queue.acknowledge(seq(3), ignore);
  expect(queue.cut(queue.indexOf(seq(300)), seq(300))).toBe(true);
});

describe("marks: RFC 6675 §3", () => {
  test("a lost record leaves the pipe until it is sent again", () => {
    const queue = queueOf(100, 100);
    expect(queue.markLost(queue.at(0))).toBe(true);
    expect(queue.markLost(queue.at(0))).toBe(false);
    expect([queue.lostBytes, queue.pipe]).toEqual([100, 100]);
    queue.resent(queue.at(0), at(9));
    expect([queue.lostBytes, queue.pipe]).toEqual([0, 200]);
    expect(queue.at(0)).toMatchObject({ transmissions: 2, sentAt: 9, firstSentAt: 0, retransmitted: true });
  });

  test("a reported one is not lost, even if it was held for it", () => {
    const queue = queueOf(100, 100);
    queue.markLost(queue.at(1));
    expect(queue.markSacked(queue.at(1))).toBe(true);
    expect(queue.markSacked(queue.at(1))).toBe(false);
    expect(queue.markLost(queue.at(1))).toBe(false);
    expect([queue.lostBytes, queue.sackedBytes, queue.pipe]).toEqual([0, 100, 100]);
  });

  test("after a timeout everything is lost but what was reported (RFC 6298 §5.4)", () => {
    const queue = queueOf(100, 100, 100);
    queue.markSacked(queue.at(1));
    queue.markAllLost();
    expect([queue.lostBytes, queue.pipe]).toEqual([200, 0]);
  });

  test("reports that are not relied on any more are in flight again (RFC 2018 §8)", () => {
    const queue = queueOf(100, 100);
    queue.markSacked(queue.at(1));
    queue.forgetSacked();
    expect([queue.sackedBytes, queue.pipe]).toEqual([0, 200]);
  });

  test("clear forgets everything", () => {
    const queue = queueOf(100, 100);
    queue.markLost(queue.at(0));
    queue.clear();
    expect([queue.count, queue.lostBytes, queue.pipe, queue.first, queue.last]).toEqual([
      0,
      0,
      0,
      undefined,
      undefined,
    ]);
  });
});

describe("split", () => {
  test("gives both halves the record's marks; the FIN goes with the later", () => {
    const queue = new RetransmissionQueue();
    queue.sent(seq(0), seq(101), false, true, at(5));
    queue.markLost(queue.at(0));
    queue.split(0, seq(40));
    expect(queue.at(0)).toMatchObject({ start: 0, end: 40, fin: false, lost: true, sentAt: 5 });
    expect(queue.at(1)).toMatchObject({ start: 40, end: 101, fin: true, lost: true, sentAt: 5 });
    expect(queue.lostBytes).toBe(101);
  });

  test("outside of the record is a bug of ours", () => {
    const queue = queueOf(100);
    expect(() => queue.split(0, seq(0))).toThrow();
    expect(() => queue.split(0, seq(100))).toThrow();
  });
});

test("indexOf finds the record that holds a number, or the next one", () => {
  const queue = queueOf(100, 50, 100);
  expect([-1, 0, 99, 100, 149, 150, 249, 250].map(n => queue.indexOf(seq(n)))).toEqual([
    0, 0, 0, 1, 1, 2, 2, 3,
  ]);
});

/** The same, byte by byte. */
class Model {
  readonly bytes: Array<{ sacked: boolean; lost: boolean; transmissions: number }> = [];
  acknowledged = 0;
}

describe("against a model that knows each byte", () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant("send" as const), size: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("acknowledge" as const), size: fc.nat(60) }),
    fc.record({ kind: fc.constant("sack" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("lose" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("resend" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("split" as const), size: fc.nat(400) }),
    fc.record({ kind: fc.constant("timeout" as const), size: fc.constant(0) }),
    fc.record({ kind: fc.constant("renege" as const), size: fc.constant(0) }),
  );

  test("sums, order and marks agree after any operations", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer(), (operations, base) => {
        const queue = new RetransmissionQueue();
        const model = new Model();
        const position = (number: Seq): number => seqDiff(number, seq(base));
        let time = 0;
        for (const { kind, size } of operations) {
          time++;
          const index = queue.count === 0 ? -1 : size % queue.count;
          const record = index < 0 ? undefined : queue.at(index);
          const range = record === undefined ? [0, 0] : [position(record.start), position(record.end)];
          const covered = model.bytes.slice(range[0], range[1]);
          if (kind === "send") {
            const start = seqAdd(seq(base), model.bytes.length);
            queue.sent(start, seqAdd(start, size), false, false, at(time));
            for (let i = 0; i < size; i++) {
              model.bytes.push({ sacked: false, lost: false, transmissions: 1 });
            }
          } else if (kind === "acknowledge") {
            const to = Math.min(model.acknowledged + size, model.bytes.length);
            const fresh = model.bytes.slice(model.acknowledged, to);
            const result = queue.acknowledge(seqAdd(seq(base), to), ignore);
            expect(result.total).toBe(fresh.length);
            expect(result.bytes).toBe(fresh.filter(byte => !byte.sacked).length);
            expect(result.anyRetransmitted).toBe(fresh.some(byte => byte.transmissions > 1));
            model.acknowledged = to;
          } else if (kind === "timeout") {
            queue.markAllLost();
            for (const byte of model.bytes.slice(model.acknowledged)) byte.lost = !byte.sacked;
          } else if (kind === "renege") {
            queue.forgetSacked();
            for (const byte of model.bytes) byte.sacked = false;
          } else if (record === undefined) {
            // nothing to do it to
          } else if (kind === "sack") {
            queue.markSacked(record);
            for (const byte of covered) Object.assign(byte, { sacked: true, lost: false });
          } else if (kind === "lose") {
            queue.markLost(record);
            for (const byte of covered) byte.lost = !byte.sacked;
          } else if (kind === "resend" && record.lost) {
            queue.resent(record, at(time));
            for (const byte of covered) {
              byte.lost = false;
              byte.transmissions++;
            }
          } else if (kind === "split" && record.length > 1) {
            queue.split(index, seqAdd(record.start, 1 + (size % (record.length - 1))));
          }
          check(queue, model, position);
        }
      }),
      { numRuns: 150 },
    );
  });
});

function check(queue: RetransmissionQueue, model: Model, position: (number: Seq) => number): void {
  const out = model.bytes.slice(model.acknowledged);
  const sacked = out.filter(byte => byte.sacked).length;
  const lost = out.filter(byte => byte.lost).length;
  expect([queue.sackedBytes, queue.lostBytes]).toEqual([sacked, lost]);
  expect(queue.pipe).toBe(out.length - sacked - lost);
  let next = model.acknowledged;
  for (let i = 0; i < queue.count; i++) {
    const record = queue.at(i);
    expect(position(record.start)).toBe(next);
    for (next = position(record.start); next < position(record.end); next++) {
      const byte = model.bytes[next];
      if (byte?.sacked !== record.sacked || byte.lost !== record.lost) expect.fail(`byte ${next}`);
    }
  }
  expect(next).toBe(model.bytes.length);
}
