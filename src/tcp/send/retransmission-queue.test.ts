import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Seq, seq, seqAdd, seqDiff } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "./retransmission-queue.ts";
import { type SentRange, SpareRanges } from "./sent-range.ts";

const SIZE = 100;

const at = (time: number): Instant => time as Instant;
const ignore = (): void => {};

/** Units of these lengths, in segments of 100. */
function queueOf(...lengths: number[]): RetransmissionQueue {
  const queue = new RetransmissionQueue(new SpareRanges());
  let start = 0;
  lengths.forEach((length, i) => {
    queue.sent(seq(start), seq(start + length), SIZE, false, false, at(i));
    start += length;
  });
  return queue;
}

function records(queue: RetransmissionQueue): SentRange[] {
  const all: SentRange[] = [];
  for (let record = queue.first; record !== undefined; record = record.next) all.push(record);
  return all;
}

function nth(queue: RetransmissionQueue, index: number): SentRange {
  return records(queue)[index] as SentRange;
}

describe("acknowledge", () => {
  test("takes off whole segments, cuts the one in the middle, and sums up", () => {
    const queue = queueOf(100, 100, 100);
    const visited: Seq[] = [];
    const result = queue.acknowledge(seq(150), record => visited.push(record.start));
    expect(result).toMatchObject({ total: 150, bytes: 150, anyRetransmitted: false, oldestOnceSentAt: 0 });
    expect([visited, result.segments]).toEqual([[0], 1]);
    expect([queue.segments, queue.first?.start, queue.first?.end]).toEqual([2, 150, 200]);
    expect(queue.pipe).toBe(150);
  });

  test("takes a unit off segment by segment, and each time as one range", () => {
    const queue = queueOf(1_050);
    const visited: Array<[Seq, Seq, number]> = [];
    const visit = (record: SentRange) => visited.push([record.start, record.end, record.segments]);
    expect(queue.acknowledge(seq(300), visit)).toMatchObject({ total: 300, segments: 3 });
    expect(queue.acknowledge(seq(410), visit)).toMatchObject({ total: 110, segments: 1 });
    expect([queue.segments, queue.units, queue.first?.segments]).toEqual([7, 1, 1]);
    expect(queue.acknowledge(seq(1_050), visit)).toMatchObject({ total: 640, segments: 7 });
    expect(visited).toEqual([
      [0, 300, 3],
      [300, 400, 1],
      [410, 500, 1],
      [500, 1_050, 6],
    ]);
    expect([queue.segments, queue.units, queue.first, queue.last]).toEqual([0, 0, undefined, undefined]);
  });

  test("of nothing new answers nothing", () => {
    const queue = queueOf(100);
    expect(queue.acknowledge(seq(0), ignore)).toMatchObject({ total: 0, bytes: 0 });
    expect(queue.acknowledge(seq(-5), ignore)).toMatchObject({ total: 0, oldestOnceSentAt: Infinity });
    expect(queue.segments).toBe(1);
  });

  test("what SACK had reported is in the total, not among the bytes newly delivered, and not visited", () => {
    const queue = queueOf(100, 100);
    queue.markSacked(nth(queue, 1));
    const visited: Seq[] = [];
    const result = queue.acknowledge(seq(200), record => visited.push(record.start));
    expect(result).toMatchObject({ total: 200, bytes: 100 });
    expect(visited).toEqual([0]);
    expect([queue.sackedBytes, queue.pipe]).toEqual([0, 0]);
  });

  test("tells whether a segment had been sent twice, and when those sent once were (Karn)", () => {
    const queue = queueOf(100, 100, 100, 100);
    queue.markSacked(nth(queue, 0));
    queue.markLost(nth(queue, 2));
    queue.resent(nth(queue, 2), at(50));
    const result = queue.acknowledge(seq(400), ignore);
    expect(result).toMatchObject({
      anyRetransmitted: true,
      segments: 4,
      onceSentStart: 100,
      onceSentEnd: 200,
    });
    expect(result).toMatchObject({ oldestOnceSentAt: 1, newestOnceSentAt: 3 });
  });

  test("half of a lost segment is half lost", () => {
    const queue = queueOf(100);
    queue.markLost(nth(queue, 0));
    queue.acknowledge(seq(30), ignore);
    expect([queue.lostBytes, queue.pipe]).toEqual([70, 0]);
  });

  test("a SYN is the first number of its record, a FIN the last", () => {
    const queue = new RetransmissionQueue(new SpareRanges());
    queue.sent(seq(0), seq(1), 1, true, false, at(0));
    queue.sent(seq(1), seq(12), 10, false, true, at(0));
    queue.acknowledge(seq(1), ignore);
    expect(queue.first).toMatchObject({ syn: false, fin: true, segments: 1 });
    queue.acknowledge(seq(11), ignore);
    expect(queue.first).toMatchObject({ start: 11, end: 12, fin: true, segments: 1 });
  });

  test("gives its records back, so that sending again makes none", () => {
    const spare = new SpareRanges();
    const queue = new RetransmissionQueue(spare);
    const seen = new Set<SentRange>();
    for (let i = 0; i < 100; i++) {
      const start = seq(1_000 * i);
      seen.add(queue.sent(start, seqAdd(start, 1_000), SIZE, false, false, at(i)));
      queue.acknowledge(seqAdd(start, 500), ignore);
      queue.acknowledge(seqAdd(start, 1_000), ignore);
    }
    expect(seen.size).toBeLessThanOrEqual(2);
  });
});

describe("a unit", () => {
  test("grows by a segment at a time, where the device takes no more at once", () => {
    const queue = new RetransmissionQueue(new SpareRanges());
    const unit = queue.sent(seq(0), seq(100), SIZE, false, false, at(0));
    queue.followed(unit, seq(200), false);
    queue.followed(unit, seq(251), true);
    expect([queue.segments, queue.units, queue.last]).toEqual([3, 1, unit]);
    expect(unit).toMatchObject({ start: 0, end: 251, segments: 3, fin: true });
    expect(() => queue.followed(unit, seq(300), false)).toThrow();
  });

  test("is one until the last of its segments is acknowledged, however it was cut", () => {
    const queue = queueOf(500, 500);
    queue.markSacked(queue.within(nth(queue, 0), seq(100), seq(200)) as SentRange);
    expect([records(queue).length, queue.units]).toEqual([4, 2]);
    queue.acknowledge(seq(400), ignore);
    expect(queue.units).toBe(2);
    queue.acknowledge(seq(500), ignore);
    expect(queue.units).toBe(1);
  });
});

describe("marks: RFC 6675 §3", () => {
  test("a lost segment leaves the pipe until it is sent again", () => {
    const queue = queueOf(100, 100);
    expect(queue.markLost(nth(queue, 0))).toBe(true);
    expect(queue.markLost(nth(queue, 0))).toBe(false);
    expect([queue.lostBytes, queue.pipe]).toEqual([100, 100]);
    queue.resent(nth(queue, 0), at(9));
    expect([queue.lostBytes, queue.owedBytes, queue.retransmittedBytes, queue.pipe]).toEqual([
      100, 0, 100, 200,
    ]);
    expect(nth(queue, 0)).toMatchObject({ transmissions: 2, sentAt: 9, firstSentAt: 0, retransmitted: true });
  });

  test("a retransmission that is lost too leaves it again", () => {
    const queue = queueOf(100, 100);
    queue.markLost(nth(queue, 0));
    queue.resent(nth(queue, 0), at(9));
    expect(queue.markLost(nth(queue, 0))).toBe(true);
    expect([queue.lostBytes, queue.owedBytes, queue.retransmittedBytes, queue.pipe]).toEqual([
      100, 100, 0, 100,
    ]);
  });

  test("a probe is not counted twice (RFC 8985 §7.3)", () => {
    const queue = queueOf(100, 100);
    queue.probed(nth(queue, 1), at(9));
    expect([queue.pipe, queue.retransmittedBytes]).toEqual([200, 0]);
    expect(nth(queue, 1)).toMatchObject({ transmissions: 2, sentAt: 9, retransmitted: false });
  });

  test("nothing was lost after all: what went out again is in flight twice, until it is reported twice", () => {
    const queue = queueOf(100, 100, 100);
    for (const record of records(queue)) queue.markLost(record);
    queue.resent(nth(queue, 0), at(9));
    queue.forgetLost();
    expect([queue.lostBytes, queue.owedBytes, queue.pipe]).toEqual([0, 0, 400]);
    queue.markSacked(nth(queue, 0));
    expect(queue.pipe).toBe(300);
    queue.duplicateArrived(nth(queue, 0));
    expect(queue.pipe).toBe(200);
    const times: number[] = [];
    for (let record = queue.order.oldest; record !== undefined; record = record.later)
      times.push(record.start);
    expect(times).toEqual([100, 200]);
  });

  test("finds what is to be sent again without looking at the rest, in sequence order", () => {
    const queue = queueOf(...new Array<number>(1_000).fill(10));
    const all = records(queue);
    let looks = 0;
    for (const record of all) watch(record, () => looks++);
    expect(queue.nextOwed()).toBeUndefined();
    for (let i = 999; i >= 500; i--) queue.markLost(all[i] as SentRange);
    for (let i = 500; i < 1_000; i++) {
      expect(queue.nextOwed()).toBe(all[i]);
      queue.resent(all[i] as SentRange, at(5_000 + i));
    }
    expect(queue.nextOwed()).toBeUndefined();
    expect(looks).toBeLessThan(500 * 3);
    queue.markLost(all[7] as SentRange);
    expect(queue.nextOwed()).toBe(all[7]);
  });

  test("a reported one is not lost, even if it was held for it", () => {
    const queue = queueOf(100, 100);
    queue.markLost(nth(queue, 1));
    expect(queue.markSacked(nth(queue, 1))).toBe(true);
    expect(queue.markSacked(nth(queue, 1))).toBe(false);
    expect(queue.markLost(nth(queue, 1))).toBe(false);
    expect([queue.lostBytes, queue.sackedBytes, queue.pipe]).toEqual([0, 100, 100]);
  });

  test("after a timeout everything is lost but what was reported (RFC 6298 §5.4)", () => {
    const queue = queueOf(100, 100, 100);
    queue.markSacked(nth(queue, 1));
    for (let record = queue.first; record !== undefined; record = record.next) queue.markLost(record);
    expect([queue.lostBytes, queue.pipe]).toEqual([200, 0]);
  });

  test("reports that are not relied on any more are in flight again (RFC 2018 §8)", () => {
    const queue = queueOf(100, 100);
    queue.markSacked(nth(queue, 1));
    queue.forgetSacked();
    expect([queue.sackedBytes, queue.pipe]).toEqual([0, 200]);
  });

  test("clear forgets everything", () => {
    const queue = queueOf(100, 500);
    queue.markLost(nth(queue, 0));
    queue.cut(nth(queue, 1), 2);
    queue.clear();
    expect([queue.segments, queue.lostBytes, queue.pipe, queue.first, queue.last]).toEqual([
      0,
      0,
      0,
      undefined,
      undefined,
    ]);
    expect([queue.units, queue.order.oldest]).toEqual([0, undefined]);
  });
});

/** `looked` hears of every step from a record to the next. */
function watch(record: SentRange, looked: () => void): void {
  const { next } = record;
  Object.defineProperty(record, "next", {
    get: () => {
      looked();
      return next;
    },
  });
}

describe("where fates part", () => {
  test("split gives both halves the record's marks; the FIN goes with the later", () => {
    const queue = new RetransmissionQueue(new SpareRanges());
    queue.sent(seq(0), seq(101), SIZE, false, true, at(5));
    queue.markLost(nth(queue, 0));
    queue.split(nth(queue, 0), seq(40));
    expect(nth(queue, 0)).toMatchObject({ start: 0, end: 40, fin: false, lost: true, sentAt: 5 });
    expect(nth(queue, 1)).toMatchObject({ start: 40, end: 101, fin: true, lost: true, sentAt: 5 });
    expect([queue.lostBytes, queue.lostSegments]).toEqual([101, 2]);
  });

  test("split outside of the record is a bug of ours", () => {
    const queue = queueOf(100);
    expect(() => queue.split(nth(queue, 0), seq(0))).toThrow();
    expect(() => queue.split(nth(queue, 0), seq(100))).toThrow();
  });

  test("a range that is cut knows how much was in flight with each of its segments", () => {
    const queue = queueOf(1_000);
    nth(queue, 0).sentInFlight = 7;
    const rest = queue.cut(nth(queue, 0), 4);
    expect([nth(queue, 0).segments, rest.segments, rest.sentInFlight]).toEqual([4, 6, 11]);
  });

  test("within cuts out the segments that lie whole in a range", () => {
    const edges = (start: number, end: number) => {
      const queue = new RetransmissionQueue(new SpareRanges());
      const unit = queue.sent(seq(0), seq(301), SIZE, false, true, at(0));
      const inside = queue.within(unit, seq(start), seq(end));
      return inside === undefined ? undefined : [inside.start, inside.end, records(queue).length];
    };
    expect(edges(0, 301)).toEqual([0, 301, 1]);
    expect(edges(-5, 100)).toEqual([0, 100, 2]);
    expect(edges(1, 299)).toEqual([100, 200, 3]);
    expect(edges(200, 400)).toEqual([200, 301, 2]);
    // The FIN is part of the last segment.
    expect(edges(200, 300)).toBeUndefined();
    expect(edges(201, 301)).toBeUndefined();
    expect(edges(101, 199)).toBeUndefined();
  });

  test("shorten cuts a record into smaller segments, wherever it is counted, and makes no records", () => {
    const queue = queueOf(1_000, 1_000);
    queue.markLost(nth(queue, 1));
    queue.shorten(nth(queue, 1), 30);
    expect([queue.segments, queue.lostSegments, queue.segmentsInFlight]).toEqual([44, 34, 10]);
    expect([queue.lostBytes, queue.owedBytes, records(queue).length]).toEqual([1_000, 1_000, 2]);
  });
});

test("find answers the record that holds a number, or the next one", () => {
  const queue = queueOf(100, 350, 100);
  queue.cut(nth(queue, 1), 2);
  const found = [-1, 0, 99, 100, 299, 300, 449, 450, 549, 550].map(n => queue.find(seq(n))?.start);
  expect(found).toEqual([0, 0, 0, 100, 100, 300, 300, 450, 450, undefined]);
});

/** What a queue with a record for each segment would know. */
interface ModelSegment {
  length: number;
  sentAt: number;
  sacked: boolean;
  lost: boolean;
  retransmitted: boolean;
  transmissions: number;
}

class Model {
  segments: ModelSegment[] = [];
  /** Where the first one starts, and what lies behind the last. */
  start = 0;

  get end(): number {
    return this.segments.reduce((end, { length }) => end + length, this.start);
  }

  send(length: number, sentAt: number): void {
    for (let left = length; left > 0; left -= SIZE) {
      const fate = { sacked: false, lost: false, retransmitted: false, transmissions: 1 };
      this.segments.push({ length: Math.min(left, SIZE), sentAt, ...fate });
    }
  }

  /** Those that lie whole in a range. */
  within(from: number, to: number): ModelSegment[] {
    let start = this.start;
    return this.segments.filter(({ length }) => {
      const isInside = from <= start && start + length <= to;
      start += length;
      return isInside;
    });
  }

  acknowledge(to: number): ModelSegment[] {
    const whole: ModelSegment[] = [];
    for (let first = this.segments[0]; first !== undefined && this.start < to; first = this.segments[0]) {
      const length = Math.min(to - this.start, first.length);
      this.start += length;
      first.length -= length;
      if (first.length > 0) break;
      whole.push(first);
      this.segments.shift();
    }
    return whole;
  }

  shorten(from: number, to: number, size: number): void {
    const before = this.within(this.start, from);
    const [first] = this.within(from, to);
    const after = this.segments.slice(before.length + this.within(from, to).length);
    const pieces: ModelSegment[] = [];
    for (let left = to - from; first !== undefined && left > 0; left -= size) {
      pieces.push({ ...first, length: Math.min(left, size) });
    }
    this.segments = [...before, ...pieces, ...after];
  }
}

const FOLLOW = {
  sack(segment: ModelSegment): void {
    if (segment.sacked) return;
    if (segment.lost) segment.retransmitted = false;
    Object.assign(segment, { sacked: true, lost: false });
  },
  lose(segment: ModelSegment): void {
    if (!segment.sacked) Object.assign(segment, { lost: true, retransmitted: false });
  },
  duplicate(segment: ModelSegment): void {
    if (segment.sacked) segment.retransmitted = false;
  },
};

describe("against a model that has a record for each segment", () => {
  const range = { from: fc.nat(1_000), size: fc.nat(600) };
  const operation = fc.oneof(
    fc.record({
      kind: fc.constant("send" as const),
      from: fc.nat(0),
      size: fc.integer({ min: 1, max: 750 }),
    }),
    fc.record({ kind: fc.constant("acknowledge" as const), from: fc.nat(0), size: fc.nat(500) }),
    fc.record({ kind: fc.constant("sack" as const), ...range }),
    fc.record({ kind: fc.constant("lose" as const), ...range }),
    fc.record({ kind: fc.constant("duplicate" as const), ...range }),
    fc.record({ kind: fc.constantFrom("resend", "probe", "undo", "renege"), ...range }),
    fc.record({
      kind: fc.constant("shorten" as const),
      from: fc.nat(0),
      size: fc.integer({ min: 20, max: 99 }),
    }),
  );

  test("segments, sums and order agree after any operations, also across the wrap", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 50 }), fc.integer(), (operations, base) => {
        const queue = new RetransmissionQueue(new SpareRanges());
        const model = new Model();
        const number = (position: number): Seq => seqAdd(seq(base), position);
        let time = 0;
        for (const { kind, from, size } of operations) {
          time++;
          const start = model.start + from;
          if (kind === "send") {
            const end = model.end;
            queue.sent(number(end), number(end + size), SIZE, false, false, at(time));
            model.send(size, time);
          } else if (kind === "acknowledge") {
            acknowledge(queue, model, Math.min(model.start + size, model.end), number);
          } else if (kind === "sack" || kind === "lose" || kind === "duplicate") {
            for (let r = queue.find(number(start)); r !== undefined; r = r.next) {
              const inside = queue.within(r, number(start), number(start + size));
              if (inside === undefined) continue;
              r = inside;
              if (kind === "sack") queue.markSacked(r);
              else if (kind === "lose") queue.markLost(r);
              else queue.duplicateArrived(r);
            }
            model.within(start, start + size).forEach(FOLLOW[kind]);
          } else if (kind === "undo") {
            queue.forgetLost();
            for (const segment of model.segments) segment.lost = false;
          } else if (kind === "renege") {
            queue.forgetSacked();
            for (const segment of model.segments) segment.sacked = false;
          } else {
            sendAgain(queue, model, kind, size, time, seq(base));
          }
          check(queue, model, number);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function acknowledge(
  queue: RetransmissionQueue,
  model: Model,
  to: number,
  number: (at: number) => Seq,
): void {
  const before = model.start;
  const covered = model.segments.filter((_, i) => model.start + lengthBefore(model, i) < to);
  const result = queue.acknowledge(number(to), ignore);
  const whole = model.acknowledge(to);
  expect([result.total, result.segments]).toEqual([to - before, whole.length]);
  expect(result.anyRetransmitted).toBe(covered.some(({ transmissions }) => transmissions > 1));
}

function lengthBefore({ segments }: Model, index: number): number {
  return segments.slice(0, index).reduce((sum, { length }) => sum + length, 0);
}

function sendAgain(
  queue: RetransmissionQueue,
  model: Model,
  kind: string,
  size: number,
  time: number,
  base: Seq,
): void {
  const owed = queue.nextOwed();
  const last = queue.last;
  const firstOwed = model.segments.find(({ lost, retransmitted }) => lost && !retransmitted);
  if (kind === "resend" && owed !== undefined && firstOwed !== undefined) {
    if (owed.segments > 1) queue.cut(owed, 1);
    queue.resent(owed, at(time));
    firstOwed.retransmitted = true;
    firstOwed.transmissions++;
    firstOwed.sentAt = time;
  } else if (kind === "shorten" && owed !== undefined) {
    if (owed.largest <= size) return;
    model.shorten(seqDiff(owed.start, base), seqDiff(owed.end, base), size);
    queue.shorten(owed, size);
  } else if (kind === "probe" && last !== undefined && !last.isOwed && !last.sacked) {
    queue.probed(last.segments > 1 ? queue.cut(last, last.segments - 1) : last, at(time));
    const segment = model.segments.at(-1);
    if (segment !== undefined)
      Object.assign(segment, { transmissions: segment.transmissions + 1, sentAt: time });
  }
}

function check(queue: RetransmissionQueue, model: Model, number: (position: number) => Seq): void {
  const { segments } = model;
  const found: ModelSegment[] = [];
  let next = number(model.start);
  let firstOwed: SentRange | undefined;
  let inOrder = 0;
  for (const record of records(queue)) {
    expect(record.start).toBe(next);
    next = record.end;
    if (record.isOwed) firstOwed ??= record;
    if (!record.isOwed && !record.sacked) inOrder++;
    const { sentAt, sacked, lost, retransmitted, transmissions } = record;
    let left = record.length;
    for (let i = 0; i < record.segments; i++) {
      const length = Math.min(left, record.size);
      found.push({ length, sentAt, sacked, lost, retransmitted, transmissions });
      left -= length;
    }
    expect(left).toBe(0);
  }
  expect(found).toEqual(segments);
  expect(queue.last).toBe(records(queue).at(-1));
  const bytes = (wanted: (segment: ModelSegment) => boolean) =>
    segments.filter(wanted).reduce((sum, { length }) => sum + length, 0);
  const count = (wanted: (segment: ModelSegment) => boolean) => segments.filter(wanted).length;
  const [sacked, lost] = [count(s => s.sacked), count(s => s.lost)];
  const retransmitted = count(s => s.retransmitted);
  expect([queue.segments, queue.sackedSegments, queue.lostSegments]).toEqual([segments.length, sacked, lost]);
  expect(queue.retransmittedSegments).toBe(retransmitted);
  expect(queue.segmentsInFlight).toBe(segments.length - sacked - lost + retransmitted);
  expect([queue.sackedBytes, queue.lostBytes]).toEqual([bytes(s => s.sacked), bytes(s => s.lost)]);
  expect(queue.retransmittedBytes).toBe(bytes(s => s.retransmitted));
  expect(queue.owedBytes).toBe(bytes(s => s.lost && !s.retransmitted));
  expect(queue.nextOwed()).toBe(firstOwed);
  for (let record = queue.order.oldest; record !== undefined; record = record.later) {
    inOrder--;
    if (record.later !== undefined) expect(record.later.sentAt).toBeGreaterThanOrEqual(record.sentAt);
  }
  expect(inOrder).toBe(0);
}
