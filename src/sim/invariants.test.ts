import { expect, test } from "vitest";
import { type Instant, seconds } from "../base/time.ts";
import { Invariants } from "./invariants.ts";
import { World } from "./world.ts";

function counting(): { world: World; invariants: Invariants; count: () => number } {
  const world = new World({ seed: 77 });
  let count = 0;
  for (let i = 1; i <= 10; i++) world.schedule((i * 100_000) as Instant, () => count++);
  return { world, invariants: new Invariants(world), count: () => count };
}

test("an invariant that breaks ends the run at that event, and names itself, the seed and the time", () => {
  const { world, invariants, count } = counting();
  invariants.add("few", () => (count() > 3 ? `${count()} are too many` : undefined));
  expect(() => world.runFor(seconds(9))).toThrow(
    'invariant "few" is broken: 4 are too many (seed 77, at 0.400000 s)',
  );
  expect(count()).toBe(4);
});

test("an invariant may throw, as assertions do", () => {
  const { world, invariants } = counting();
  invariants.add("calm", () => {
    throw new Error("no calm");
  });
  expect(() => world.runFor(seconds(9))).toThrow(/"calm" is broken: no calm \(seed 77/);
});

test("an invariant that was removed or replaced is not checked any more", () => {
  const { world, invariants, count } = counting();
  invariants.add("a", () => "broken");
  invariants.add("a", () => undefined);
  invariants.add("b", () => "broken");
  invariants.remove("b");
  world.runFor(seconds(9));
  expect(count()).toBe(10);
});
