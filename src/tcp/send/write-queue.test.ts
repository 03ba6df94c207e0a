import { describe, expect, test } from "vitest";
import { type Seq, seq } from "../../base/seq.ts";
import { WriteQueue } from "./write-queue.ts";

function ends(queue: WriteQueue, end: number): string {
  const { pushed, closed } = queue.endAt(seq(end));
  queue.sent(seq(end));
  return `${pushed ? "pushed" : ""}${closed ? " closed" : ""}`.trim();
}

/** Pieces that reach to these numbers. */
function pieces(...reach: number[]): WriteQueue {
  const queue = new WriteQueue(seq(1));
  let start: Seq = seq(1);
  for (const end of reach) {
    queue.begin(start, seq(end));
    start = seq(end);
  }
  return queue;
}

describe("the ends of writes: RFC 9293 §3.9.1.2 (MUST-60, MUST-61)", () => {
  test("a write's end is pushed, and only that", () => {
    const queue = pieces(301);
    queue.push();
    expect([ends(queue, 101), ends(queue, 301), ends(queue, 301)]).toEqual(["", "pushed", ""]);
  });

  test("of writes in one piece only the last end is pushed", () => {
    const queue = pieces(101);
    queue.push();
    queue.extend(seq(201));
    queue.push();
    expect([ends(queue, 101), ends(queue, 201)]).toEqual(["", "pushed"]);
  });

  test("a write after everything was sent does not touch the one before", () => {
    const queue = pieces(101);
    queue.push();
    expect(ends(queue, 101)).toBe("pushed");
    queue.begin(seq(101), seq(201));
    expect(ends(queue, 201)).toBe("");
  });

  test("a unit is pushed if a write ends anywhere in it", () => {
    const queue = pieces(101, 201);
    queue.push();
    queue.begin(seq(201), seq(301));
    expect(ends(queue, 301)).toBe("pushed");
  });

  test("what is told of last is remembered: half of a window may be written until the next push", () => {
    const queue = pieces(101);
    expect(queue.pushedTo).toBe(1);
    queue.push();
    expect(queue.pushedTo).toBe(101);
  });
});

describe("pieces", () => {
  test("a piece that is sent in part has room for what went", () => {
    const queue = pieces(101, 201);
    expect([50, 101, 150, 201].map(sent => queue.openTail(seq(sent)))).toEqual([100, 100, 51, 0]);
    expect([50, 101, 150, 201].map(sent => queue.countAfter(seq(sent)))).toEqual([2, 1, 1, 0]);
  });

  test("nothing is added to a closed one, and a unit ends with it", () => {
    const queue = pieces(101);
    expect(queue.edge).toBeUndefined();
    queue.close();
    expect(queue.openTail(seq(1))).toBe(0);
    queue.begin(seq(101), seq(201));
    expect(queue.edge).toBe(101);
    expect(ends(queue, 101)).toBe("closed");
    expect(queue.edge).toBeUndefined();
  });

  test("17 parts of memory that is not copied fill one, and push it", () => {
    const queue = pieces(2);
    for (let i = 1; i <= 16; i++) {
      queue.refer();
      expect(queue.edge).toBeUndefined();
      queue.extend(seq(2 + i));
    }
    queue.refer();
    expect(queue.edge).toBe(18);
    expect(ends(queue, 18)).toBe("pushed closed");
  });

  test("join as far as a unit may reach; a push inside moves to the end", () => {
    const queue = pieces(101);
    queue.push();
    queue.begin(seq(101), seq(201));
    queue.join(seq(1), seq(151));
    expect(queue.openTail(seq(1))).toBe(50);
    expect([ends(queue, 101), ends(queue, 151), ends(queue, 201)]).toEqual(["", "pushed", ""]);
  });

  test("join whole, and with the last the next write goes on in it", () => {
    const queue = pieces(101, 201);
    queue.join(seq(51), seq(500));
    expect(queue.countAfter(seq(51))).toBe(1);
    expect(queue.openTail(seq(51))).toBe(150);
  });

  test("do not join across a record's end", () => {
    const queue = pieces(101);
    queue.close();
    queue.begin(seq(101), seq(201));
    queue.join(seq(1), seq(500));
    expect(queue.edge).toBe(101);
  });

  test("compare across the wrap, and their ring grows", () => {
    const queue = new WriteQueue(seq(-50));
    for (let at = -50; at < 50; at++) queue.begin(seq(at), seq(at + 1));
    expect(queue.countAfter(seq(-50))).toBe(100);
    expect(queue.countAfter(seq(0))).toBe(50);
    queue.push();
    expect([ends(queue, 49), ends(queue, 50)]).toEqual(["", "pushed"]);
    queue.begin(seq(50), seq(60));
    queue.clear();
    expect(queue.countAfter(seq(-50))).toBe(0);
  });
});
