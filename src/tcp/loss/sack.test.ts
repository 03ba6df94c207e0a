import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Seq, seq, seqAdd, seqDiff } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import { type SentRange, SpareRanges } from "../send/sent-range.ts";
import { isDuplicateReport, type SackBlocks, Scoreboard } from "./sack.ts";

const NOW = 0 as Instant;

/** Segments of 100, so many of them in a unit. */
function queueOf(count: number, base = 0, unit = 1): RetransmissionQueue {
  const queue = new RetransmissionQueue(new SpareRanges());
  for (let i = 0; i < count; i += unit) {
    const end = Math.min(i + unit, count);
    queue.sent(seq(base + 100 * i), seq(base + 100 * end), 100, false, false, NOW);
  }
  return queue;
}

function blocks(...ranges: Array<readonly [number, number]>): SackBlocks {
  return { sackCount: ranges.length, sackEdges: Int32Array.from(ranges.flat()) };
}

/** What is reported, as text: one letter a segment. */
function shown(queue: RetransmissionQueue): string {
  let text = "";
  for (let record = queue.first; record !== undefined; record = record.next) {
    text += (record.sacked ? "s" : "-").repeat(record.segments);
  }
  return text;
}

const ignore = (): void => {};

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

describe("Scoreboard: RFC 2018 §4, RFC 6675 §3", () => {
  test("a block marks the records that it covers, once", () => {
    const queue = queueOf(5);
    const board = new Scoreboard(seq(0));
    const visited: Seq[] = [];
    const update = () =>
      board.update(blocks([100, 300]), queue, seq(0), seq(0), seq(500), record => visited.push(record.start));
    update();
    expect(shown(queue)).toBe("-ss--");
    update();
    expect(visited).toEqual([100, 200]);
    expect(queue.sackedBytes).toBe(200);
  });

  test("a record that is covered in part stays as it is, until a block covers it all (CVE-2019-11478)", () => {
    const queue = queueOf(4);
    const board = new Scoreboard(seq(0));
    const update = (...ranges: Array<readonly [number, number]>) =>
      board.update(blocks(...ranges), queue, seq(0), seq(0), seq(400), ignore);
    update([150, 350]);
    expect([shown(queue), queue.segments]).toEqual(["--s-", 4]);
    update([100, 350]);
    expect(shown(queue)).toBe("-ss-");
    update([100, 400]);
    expect(shown(queue)).toBe("-sss");
  });

  test("what is below SND.UNA, beyond SND.NXT or upside down is not believed", () => {
    const queue = queueOf(3);
    const board = new Scoreboard(seq(0));
    for (const bad of [
      [300, 400],
      [200, 301],
      [-100, 100],
      [0, 100],
      [200, 100],
      [200, 200],
    ] as const) {
      board.update(blocks([50, 60], bad), queue, seq(0), seq(0), seq(300), ignore);
      expect(queue.sackedBytes).toBe(0);
    }
  });

  test("knows the highest number that has arrived: RACK.fack (RFC 8985 §6.2 step 3)", () => {
    const queue = queueOf(5);
    const board = new Scoreboard(seq(0));
    board.update(blocks([200, 300]), queue, seq(0), seq(0), seq(500), ignore);
    expect(board.highest).toBe(300);
    board.acknowledged(seq(100));
    expect(board.highest).toBe(300);
    board.acknowledged(seq(400));
    expect(board.highest).toBe(400);
    board.forget(seq(100));
    expect(board.highest).toBe(100);
  });

  test("a first block below the acknowledgment is a D-SACK (RFC 2883 §4.1)", () => {
    expect(isDuplicateReport(blocks([0, 100]), seq(100))).toBe(true);
    expect(isDuplicateReport(blocks([0, 101]), seq(100))).toBe(false);
    expect(isDuplicateReport(blocks(), seq(100))).toBe(false);
    const queue = queueOf(3, 100);
    new Scoreboard(seq(0)).update(blocks([0, 100]), queue, seq(100), seq(100), seq(400), ignore);
    expect(queue.sackedBytes).toBe(0);
  });

  test("so is a first block within the second (RFC 2883 §4.2)", () => {
    const ranges = blocks([200, 300], [100, 400]);
    expect(isDuplicateReport(ranges, seq(0))).toBe(true);
    const queue = queueOf(5);
    new Scoreboard(seq(0)).update(ranges, queue, seq(0), seq(0), seq(500), ignore);
    expect(shown(queue)).toBe("-sss-");
  });

  test("its edges may be those of the acknowledgment or of the second block, and no further", () => {
    expect(isDuplicateReport(blocks([100, 200]), seq(200))).toBe(true);
    expect(isDuplicateReport(blocks([100, 201]), seq(200))).toBe(false);
    expect(isDuplicateReport(blocks([200, 300]), seq(200))).toBe(false);
    expect(isDuplicateReport(blocks([300, 500], [300, 500]), seq(200))).toBe(true);
    expect(isDuplicateReport(blocks([299, 500], [300, 500]), seq(200))).toBe(false);
    expect(isDuplicateReport(blocks([300, 501], [300, 500]), seq(200))).toBe(false);
  });

  test("one that is empty or upside down is none", () => {
    for (const first of [
      [150, 150],
      [160, 150],
    ] as const) {
      expect(isDuplicateReport(blocks(first), seq(200))).toBe(false);
    }
    for (const first of [
      [350, 350],
      [360, 350],
    ] as const) {
      expect(isDuplicateReport(blocks(first, [300, 500]), seq(200))).toBe(false);
    }
    expect(isDuplicateReport(blocks(), seq(200))).toBe(false);
  });

  test("a first block beside the second is none", () => {
    const ranges = blocks([300, 400], [100, 200]);
    expect(isDuplicateReport(ranges, seq(0))).toBe(false);
    const queue = queueOf(5);
    new Scoreboard(seq(0)).update(ranges, queue, seq(0), seq(0), seq(500), ignore);
    expect(shown(queue)).toBe("-s-s-");
  });

  test("what was reported before is looked at once only, however long its block", () => {
    const queue = queueOf(1_000);
    const board = new Scoreboard(seq(0));
    let looks = 0;
    for (let record = queue.first; record !== undefined; record = record.next) {
      watch(record, () => looks++);
    }
    for (let i = 2; i <= 1_000; i++) {
      board.update(blocks([100, 100 * i]), queue, seq(0), seq(0), seq(100_000), ignore);
    }
    expect(queue.sackedBytes).toBe(99_900);
    // A record or two each time; a walk over every block would be half a million.
    expect(looks).toBeLessThan(4_000);
  });

  test("of a unit that left at once a block marks the segments that it covers whole", () => {
    const queue = queueOf(10, 0, 10);
    const board = new Scoreboard(seq(0));
    const visited: Array<[Seq, Seq]> = [];
    const update = (...ranges: Array<readonly [number, number]>) =>
      board.update(blocks(...ranges), queue, seq(0), seq(0), seq(1_000), record =>
        visited.push([record.start, record.end]),
      );
    update([250, 601]);
    expect(shown(queue)).toBe("---sss----");
    update([250, 601], [900, 1_000]);
    expect(shown(queue)).toBe("---sss---s");
    update([100, 1_000]);
    expect(shown(queue)).toBe("-sssssssss");
    expect(visited).toEqual([
      [300, 600],
      [900, 1_000],
      [100, 300],
      [600, 900],
    ]);
  });

  test("no report makes more records than segments were sent (CVE-2019-11478)", () => {
    const queue = queueOf(100, 0, 50);
    const board = new Scoreboard(seq(0));
    for (let i = 1; i < 9_990; i += 3) {
      board.update(blocks([i, i + 2]), queue, seq(0), seq(0), seq(10_000), ignore);
    }
    expect(queue.first?.next?.next).toBeUndefined();
    for (let i = 1; i < 100; i += 2) {
      board.update(blocks([100 * i - 1, 100 * i + 100]), queue, seq(0), seq(0), seq(10_000), ignore);
    }
    let records = 0;
    for (let record = queue.first; record !== undefined; record = record.next) records++;
    expect([records, queue.segments]).toEqual([100, 100]);
  });

  test("the peer may forget: then all of it is looked at again (RFC 2018 §8)", () => {
    const queue = queueOf(4);
    const board = new Scoreboard(seq(0));
    const update = () => board.update(blocks([100, 300]), queue, seq(0), seq(0), seq(400), ignore);
    update();
    queue.forgetSacked();
    board.forget(seq(0));
    update();
    expect(shown(queue)).toBe("-ss-");
  });

  test("marks exactly the segments that blocks cover, however they left, also across the wrap", () => {
    const range = fc.tuple(fc.integer({ min: -50, max: 1_050 }), fc.integer({ min: -50, max: 1_050 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 6 }),
        fc.integer(),
        fc.integer({ min: 1, max: 10 }),
        (acks, base, unit) => {
          const una = seq(base);
          const nxt = seqAdd(una, 1_000);
          const queue = queueOf(10, base, unit);
          const board = new Scoreboard(una);
          const model = new Array<boolean>(10).fill(false);
          for (const ranges of acks) {
            const edges = blocks(...ranges.map(([a, b]) => [seqAdd(una, a), seqAdd(una, b)] as const));
            board.update(edges, queue, una, una, nxt, ignore);
            const first = isDuplicateReport(edges, una) ? 1 : 0;
            for (const [from, to] of ranges.slice(first)) {
              if (from <= 0 || to > 1_000) continue;
              for (let k = 0; k < 10; k++) if (from <= 100 * k && 100 * (k + 1) <= to) model[k] = true;
            }
          }
          expect(shown(queue)).toBe(model.map(isSacked => (isSacked ? "s" : "-")).join(""));
          expect(queue.sackedBytes).toBe(100 * model.filter(Boolean).length);
          expect(seqDiff(board.highest, una)).toBe(100 * (model.lastIndexOf(true) + 1));
        },
      ),
      { numRuns: 200 },
    );
  });
});
