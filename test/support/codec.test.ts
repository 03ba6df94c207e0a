/** The watchers of the codec tests must themselves be able to fail. */
import { describe, expect, test } from "vitest";
import { readWatched, written } from "./codec.ts";

describe("a watched writer is refused", () => {
  test("when it leaves a gap", () => {
    const write = (bytes: Uint8Array, at: number): number => {
      bytes[at] = 1;
      return 2;
    };
    expect(() => written(write)).toThrow("a gap at offset 1 of 2");
  });

  test("when it writes more than it says", () => {
    const write = (bytes: Uint8Array, at: number): number => {
      bytes.fill(7, at, at + 3);
      return 2;
    };
    expect(() => written(write)).toThrow("wrote outside, at offset 2 of 2");
  });
});

describe("a watched reader is refused", () => {
  const content = Uint8Array.of(1, 2, 3);

  test("when it looks at a byte before or behind", () => {
    expect(() => readWatched(content, (bytes, start) => bytes[start - 1])).toThrow("at offset -1");
    expect(() => readWatched(content, (bytes, _start, end) => bytes[end])).toThrow("at offset 3");
  });

  test("when it takes a view that reaches outside", () => {
    expect(() => readWatched(content, (bytes, start, end) => bytes.subarray(start, end + 1))).toThrow(
      "a view",
    );
  });
});

test("a reader that stays inside gives its outcome", () => {
  const outcome = readWatched(Uint8Array.of(1, 2, 3), (bytes, start, end) => ({
    first: bytes[start],
    rest: bytes.subarray(start + 1, end),
  }));
  expect(outcome).toEqual({ first: 1, rest: [2, 3] });
});
