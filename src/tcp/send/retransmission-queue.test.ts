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

  test("tells whether a record had been sent twice, and when those sent once were (Karn)", () => {
    const queue = queueOf(100, 100, 100, 100);
    queue.markSacked(queue.at(0));
    queue.markLost(queue.at(2));
    queue.resent(queue.at(2), at(50));
    const result = queue.acknowledge(seq(400), ignore);
    expect(result).toMatchObject({
      anyRetransmitted: true,
      records: 4,
      onceSentStart: 100,
      onceSentEnd: 200,
    });
    expect(result).toMatchObject({ oldestOnceSentAt: 1, newestOnceSentAt: 3 });
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

describe("marks: RFC 6675 §3", () => {
  test("a lost record leaves the pipe until it is sent again", () => {
    const queue = queueOf(100, 100);
    expect(queue.markLost(queue.at(0))).toBe(true);
    expect(queue.markLost(queue.at(0))).toBe(false);
    expect([queue.lostBytes, queue.pipe]).toEqual([100, 100]);
    queue.resent(queue.at(0), at(9));
    expect([queue.lostBytes, queue.owedBytes, queue.retransmittedBytes, queue.pipe]).toEqual([
      100, 0, 100, 200,
    ]);
    expect(queue.at(0)).toMatchObject({ transmissions: 2, sentAt: 9, firstSentAt: 0, retransmitted: true });
  });

  test("a retransmission that is lost too leaves it again", () => {
    const queue = queueOf(100, 100);
    queue.markLost(queue.at(0));
    queue.resent(queue.at(0), at(9));
    expect(queue.markLost(queue.at(0))).toBe(true);
    expect([queue.lostBytes, queue.owedBytes, queue.retransmittedBytes, queue.pipe]).toEqual([
      100, 100, 0, 100,
    ]);
  });

  test("a probe is not counted twice (RFC 8985 §7.3)", () => {
    const queue = queueOf(100, 100);
    queue.probed(queue.at(1), at(9));
    expect([queue.pipe, queue.retransmittedBytes]).toEqual([200, 0]);
    expect(queue.at(1)).toMatchObject({ transmissions: 2, sentAt: 9, retransmitted: false });
  });

  test("nothing was lost after all: what went out again is in flight twice, until it is reported twice", () => {
    const queue = queueOf(100, 100, 100);
    for (let i = 0; i < 3; i++) queue.markLost(queue.at(i));
    queue.resent(queue.at(0), at(9));
    queue.forgetLost();
    expect([queue.lostBytes, queue.owedBytes, queue.pipe]).toEqual([0, 0, 400]);
    queue.markSacked(queue.at(0));
    expect(queue.pipe).toBe(300);
    queue.duplicateArrived(queue.at(0));
    expect(queue.pipe).toBe(200);
    const times: number[] = [];
    for (let record = queue.order.oldest; record !== undefined; record = record.later)
      times.push(record.start);
    expect(times).toEqual([100, 200]);
  });

  test("finds what is to be sent again without looking at the rest, in sequence order", () => {
    const queue = queueOf(...new Array<number>(1_000).fill(10));
    let looks = 0;
    const real = queue.at.bind(queue);
    queue.at = index => {
      looks++;
      return real(index);
    };
    expect(queue.nextOwed()).toBe(-1);
    for (let i = 999; i >= 500; i--) queue.markLost(real(i));
    for (let i = 500; i < 1_000; i++) {
      expect(queue.nextOwed()).toBe(i);
      queue.resent(real(i), at(5_000 + i));
    }
    expect(queue.nextOwed()).toBe(-1);
    expect(looks).toBeLessThan(500 * 25);
    queue.markLost(real(7));
    expect(queue.nextOwed()).toBe(7);
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
    for (let i = 0; i < queue.count; i++) queue.markLost(queue.at(i));
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

interface ModelByte {
  sacked: boolean;
  lost: boolean;
  retransmitted: boolean;
  transmissions: number;
}

/** The same, byte by byte. */
class Model {
  readonly bytes: ModelByte[] = [];
  acknowledged = 0;
}

describe("against a model that knows each byte", () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant("send" as const), size: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("acknowledge" as const), size: fc.nat(60) }),
    fc.record({ kind: fc.constant("sack" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("lose" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("resend" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("probe" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("duplicate" as const), size: fc.nat(20) }),
    fc.record({ kind: fc.constant("split" as const), size: fc.nat(400) }),
    fc.record({ kind: fc.constant("undo" as const), size: fc.constant(0) }),
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
              model.bytes.push({ sacked: false, lost: false, retransmitted: false, transmissions: 1 });
            }
          } else if (kind === "acknowledge") {
            const to = Math.min(model.acknowledged + size, model.bytes.length);
            const fresh = model.bytes.slice(model.acknowledged, to);
            const result = queue.acknowledge(seqAdd(seq(base), to), ignore);
            expect(result.total).toBe(fresh.length);
            expect(result.bytes).toBe(fresh.filter(byte => !byte.sacked).length);
            expect(result.anyRetransmitted).toBe(fresh.some(byte => byte.transmissions > 1));
            model.acknowledged = to;
          } else if (kind === "undo") {
            queue.forgetLost();
            for (const byte of model.bytes) byte.lost = false;
          } else if (kind === "renege") {
            queue.forgetSacked();
            for (const byte of model.bytes) byte.sacked = false;
          } else if (record !== undefined) {
            act(queue, kind, index, size, at(time));
            for (const byte of covered) follow(byte, kind);
          }
          check(queue, model, position);
        }
      }),
      { numRuns: 300 },
    );
  });
});

type RecordOperation = "sack" | "lose" | "resend" | "probe" | "duplicate" | "split";

function act(queue: RetransmissionQueue, kind: RecordOperation, index: number, size: number, now: Instant) {
  const record = queue.at(index);
  if (kind === "sack") queue.markSacked(record);
  else if (kind === "lose") queue.markLost(record);
  else if (kind === "resend" && record.isOwed) queue.resent(record, now);
  else if (kind === "probe" && !record.isOwed && !record.sacked) queue.probed(record, now);
  else if (kind === "duplicate") queue.duplicateArrived(record);
  else if (kind === "split" && record.length > 1) {
    queue.split(index, seqAdd(record.start, 1 + (size % (record.length - 1))));
  }
}

function follow(byte: ModelByte, kind: RecordOperation): void {
  if (kind === "sack" && !byte.sacked) {
    if (byte.lost) byte.retransmitted = false;
    Object.assign(byte, { sacked: true, lost: false });
  } else if (kind === "lose" && !byte.sacked) {
    Object.assign(byte, { lost: true, retransmitted: false });
  } else if (kind === "resend" && byte.lost && !byte.retransmitted) {
    byte.retransmitted = true;
    byte.transmissions++;
  } else if (kind === "probe" && !byte.sacked && !(byte.lost && !byte.retransmitted)) {
    byte.transmissions++;
  } else if (kind === "duplicate" && byte.sacked) {
    byte.retransmitted = false;
  }
}

function check(queue: RetransmissionQueue, model: Model, position: (number: Seq) => number): void {
  const out = model.bytes.slice(model.acknowledged);
  const count = (wanted: (byte: ModelByte) => boolean): number => out.filter(wanted).length;
  const [sacked, lost] = [count(byte => byte.sacked), count(byte => byte.lost)];
  const retransmitted = count(byte => byte.retransmitted);
  const owed = count(byte => byte.lost && !byte.retransmitted);
  expect([queue.sackedBytes, queue.lostBytes]).toEqual([sacked, lost]);
  expect([queue.retransmittedBytes, queue.owedBytes]).toEqual([retransmitted, owed]);
  expect(queue.pipe).toBe(out.length - sacked - lost + retransmitted);
  let next = model.acknowledged;
  let firstOwed = -1;
  let inOrder = 0;
  for (let i = 0; i < queue.count; i++) {
    const record = queue.at(i);
    if (record.isOwed && firstOwed < 0) firstOwed = i;
    if (!record.isOwed && !record.sacked) inOrder++;
    expect(position(record.start)).toBe(next);
    for (next = position(record.start); next < position(record.end); next++) {
      const byte = model.bytes[next];
      if (byte?.sacked !== record.sacked || byte.lost !== record.lost) expect.fail(`byte ${next}`);
    }
  }
  expect(next).toBe(model.bytes.length);
  expect(queue.nextOwed()).toBe(firstOwed);
  for (let record = queue.order.oldest; record !== undefined; record = record.later) {
    inOrder--;
    if (record.later !== undefined) expect(record.later.sentAt).toBeGreaterThanOrEqual(record.sentAt);
  }
  expect(inOrder).toBe(0);
}
