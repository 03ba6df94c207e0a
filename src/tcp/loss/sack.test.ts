import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Seq, seq, seqAdd } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { RetransmissionQueue } from "../send/retransmission-queue.ts";
import { type SackBlocks, Scoreboard } from "./sack.ts";

const NOW = 0 as Instant;

function queueOf(count: number, base = 0): RetransmissionQueue {
  const queue = new RetransmissionQueue();
  for (let i = 0; i < count; i++) {
    queue.sent(seq(base + 100 * i), seq(base + 100 * (i + 1)), false, false, NOW);
  }
  return queue;
}

function blocks(...ranges: Array<readonly [number, number]>): SackBlocks {
  return { sackCount: ranges.length, sackEdges: Int32Array.from(ranges.flat()) };
}

/** What is reported, as text: one letter a record. */
function shown(queue: RetransmissionQueue): string {
  return Array.from({ length: queue.count }, (_, i) => (queue.at(i).sacked ? "s" : "-")).join("");
}

describe("Scoreboard: RFC 2018 §4, RFC 6675 §3", () => {
  test("a block marks the records that it covers, once", () => {
    const queue = queueOf(5);
    const board = new Scoreboard();
    const visited: Seq[] = [];
    const update = () =>
      board.update(blocks([100, 300]), queue, seq(0), seq(0), seq(500), record => visited.push(record.start));
    expect(update().bytes).toBe(200);
    expect(shown(queue)).toBe("-ss--");
    expect(update().bytes).toBe(0);
    expect(visited).toEqual([100, 200]);
    expect(queue.sackedBytes).toBe(200);
  });

  test("a block's edges cut records", () => {
    const queue = queueOf(3);
    new Scoreboard().update(blocks([150, 250]), queue, seq(0), seq(0), seq(300), () => {});
    expect(Array.from({ length: queue.count }, (_, i) => queue.at(i).start)).toEqual([0, 100, 150, 200, 250]);
    expect(shown(queue)).toBe("--ss-");
    expect(queue.sackedBytes).toBe(100);
  });

  test("what is below SND.UNA, beyond SND.NXT or upside down is not believed", () => {
    const queue = queueOf(3);
    const board = new Scoreboard();
    for (const bad of [
      [300, 400],
      [200, 301],
      [-100, 100],
      [200, 100],
      [200, 200],
    ] as const) {
      // A first good block, so that none of them is a D-SACK by its place.
      board.update(blocks([200, 201], bad), queue, seq(0), seq(0), seq(300), () => {});
      expect(queue.sackedBytes).toBe(1);
    }
  });

  test("a first block below the acknowledgment is a D-SACK (RFC 2883 §4.1)", () => {
    const queue = queueOf(3, 100);
    const result = new Scoreboard().update(blocks([0, 100]), queue, seq(100), seq(100), seq(400), () => {});
    expect(result).toMatchObject({ duplicate: true, duplicateEnd: 100, bytes: 0 });
  });

  test("so is a first block within the second (RFC 2883 §4.2)", () => {
    const queue = queueOf(5);
    const ranges = blocks([200, 300], [100, 400]);
    const result = new Scoreboard().update(ranges, queue, seq(0), seq(0), seq(500), () => {});
    expect(result).toMatchObject({ duplicate: true, bytes: 300 });
    expect(shown(queue)).toBe("-sss-");
  });

  test("a first block beside the second is none", () => {
    const queue = queueOf(5);
    const ranges = blocks([300, 400], [100, 200]);
    expect(new Scoreboard().update(ranges, queue, seq(0), seq(0), seq(500), () => {}).duplicate).toBe(false);
    expect(shown(queue)).toBe("-s-s-");
  });

  test("marks exactly the bytes of the blocks, whatever they are, also across the wrap", () => {
    const range = fc.tuple(fc.integer({ min: -50, max: 1_050 }), fc.integer({ min: -50, max: 1_050 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 6 }),
        fc.integer(),
        (acks, base) => {
          const una = seq(base);
          const nxt = seqAdd(una, 1_000);
          const queue = queueOf(10, base);
          const board = new Scoreboard();
          const model = new Array<boolean>(1_000).fill(false);
          for (const ranges of acks) {
            const edges = blocks(...ranges.map(([a, b]) => [seqAdd(una, a), seqAdd(una, b)] as const));
            const result = board.update(edges, queue, una, una, nxt, () => {});
            ranges.forEach(([from, to], i) => {
              if (i === 0 && result.duplicate) return;
              if (from >= 0 && to <= 1_000) for (let k = from; k < to; k++) model[k] = true;
            });
          }
          let start = una;
          for (let i = 0; i < queue.count; i++) {
            const record = queue.at(i);
            expect(record.start).toBe(start);
            for (let k = 0; k < record.length; k++) {
              expect(record.sacked).toBe(model[((record.start - una) | 0) + k]);
            }
            start = record.end;
          }
          expect(queue.sackedBytes).toBe(model.filter(Boolean).length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
