import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_FILTER, MOST_WATCHED, readFromPage } from "./from-page.ts";
import { problemText } from "./problem.ts";

describe("messages of a page", () => {
  test.each([
    { type: "watch", connections: [1, 7] },
    { type: "watch", connections: [] },
    { type: "watch-packets", on: true },
    { type: "watch-packets", on: true, filter: "tcp port 80" },
    { type: "control", action: "pause" },
    { type: "control", action: "speed", speed: 0.01 },
    { type: "control", action: "replay", seed: 7 },
    { type: "control", action: "drop-next", direction: "a → b" },
    { type: "control", action: "delay-next", direction: "a → b", delay: 20_000 },
    { type: "control", action: "impair", direction: "a → b", loss: 0.5, rateBytesPerSecond: 0, isCut: true },
  ])("%j is taken as it is", message => {
    expect(readFromPage(message)).toEqual({ ok: true, message });
  });

  test.each([
    undefined,
    null,
    7,
    "watch",
    [],
    {},
    { type: "hello" },
    { type: "watch" },
    { type: "watch", connections: [0] },
    { type: "watch", connections: ["1"] },
    { type: "watch", connections: new Array(MOST_WATCHED + 1).fill(1) },
    { type: "watch-packets" },
    { type: "watch-packets", on: true, filter: "x".repeat(LONGEST_FILTER + 1) },
    { type: "watch-packets", on: true, filter: 1 },
    { type: "control", action: "explode" },
    { type: "control", action: "speed", speed: Number.NaN },
    { type: "control", action: "speed", speed: 0 },
    { type: "control", action: "replay", seed: -1 },
    { type: "control", action: "drop-next" },
    { type: "control", action: "delay-next", direction: "a → b", delay: Number.POSITIVE_INFINITY },
    { type: "control", action: "impair", direction: "a → b", loss: 1.1 },
    { type: "control", action: "impair", direction: "a → b", delay: -1 },
    { type: "control", action: "impair", direction: "a → b", rateBytesPerSecond: 1e-300 },
    { type: "control", action: "impair", direction: "a → b", isCut: "yes" },
  ])("%j is refused with a sentence", message => {
    const read = readFromPage(message);
    expect(read.ok ? "" : problemText(read.problem)).toMatch(/\.$/);
  });

  test("what is not said of a wire is not changed, and what nobody knows is left out", () => {
    const message = {
      type: "control",
      action: "impair",
      direction: "a → b",
      delay: 5,
      __proto__: { loss: 1 },
    };
    const read = readFromPage(JSON.parse(JSON.stringify({ ...message, colour: "red" })));
    expect(read).toEqual({
      ok: true,
      message: { type: "control", action: "impair", direction: "a → b", delay: 5 },
    });
  });

  test("whatever comes, nothing is thrown", () => {
    const any = fc.oneof(
      fc.anything(),
      fc.record({ type: fc.constantFrom("watch", "watch-packets", "control"), connections: fc.anything() }),
      fc.record({ type: fc.constant("control"), action: fc.anything(), direction: fc.anything() }),
    );
    fc.assert(fc.property(any, value => typeof readFromPage(value).ok === "boolean"));
  });
});
