import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { STAMP, TransmissionStamps } from "./transmission-stamps.ts";

const ALL = STAMP.scheduled | STAMP.sent | STAMP.acknowledged;

function at(time: number): Instant {
  return time as Instant;
}

function stamps(...requests: ReadonlyArray<readonly [start: number, end: number, kinds?: number]>) {
  const result = new TransmissionStamps();
  for (const [start, end, kinds = ALL] of requests)
    result.request(seq(start), seq(end), { kinds, id: end, length: 0 });
  return result;
}

function taken(from: TransmissionStamps): string {
  return from
    .take()
    .map(({ kinds, id, at: time }) => `${kinds}:${id}@${time}`)
    .join(" ");
}

describe("stamps of sent bytes (SO_TIMESTAMPING)", () => {
  test("come when the byte leaves, and when it is acknowledged", () => {
    const s = stamps([1, 101]);
    expect(s.left(seq(1), seq(100), at(5))).toBe(false);
    expect(s.left(seq(100), seq(101), at(6))).toBe(true);
    expect(taken(s)).toBe("1:101@6 2:101@6");
    expect(s.acknowledged(seq(100), at(7))).toBe(false);
    expect(s.acknowledged(seq(101), at(8))).toBe(true);
    expect(s.acknowledged(seq(101), at(9))).toBe(false);
    expect(taken(s)).toBe("4:101@8");
  });

  test("come again when the byte is sent again, until it is acknowledged", () => {
    const s = stamps([1, 101]);
    s.left(seq(1), seq(101), at(1));
    s.left(seq(1), seq(101), at(2));
    s.acknowledged(seq(101), at(3));
    s.left(seq(1), seq(101), at(4));
    expect(taken(s)).toBe("1:101@1 2:101@1 1:101@2 2:101@2 4:101@3");
  });

  test("only the kinds that were asked for", () => {
    const s = stamps([1, 101, STAMP.sent]);
    expect(s.left(seq(1), seq(101), at(1))).toBe(true);
    expect(s.acknowledged(seq(101), at(2))).toBe(false);
    expect(taken(s)).toBe("2:101@1");
  });

  test("of writes in one piece the last is stamped, with all that was asked for", () => {
    const s = stamps([1, 101, STAMP.sent], [1, 201, STAMP.acknowledged]);
    s.left(seq(1), seq(201), at(1));
    s.acknowledged(seq(201), at(2));
    expect(taken(s)).toBe("2:201@1 4:201@2");
  });

  test("a byte that has left is not replaced by one that waits", () => {
    const s = stamps([1, 101], [101, 201]);
    s.left(seq(1), seq(201), at(1));
    expect(taken(s)).toBe("1:101@1 2:101@1 1:201@1 2:201@1");
  });

  test("nobody takes them: 256 are kept", () => {
    const s = stamps([1, 101]);
    for (let i = 0; i < 1_000; i++) s.left(seq(1), seq(101), at(i));
    expect(s.take()).toHaveLength(256);
  });
});
