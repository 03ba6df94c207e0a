import { expect, test } from "vitest";
import { FullPipe } from "./full-pipe.ts";

function seen(rates: readonly number[]): FullPipe {
  const pipe = new FullPipe();
  for (const rate of rates) pipe.check(rate);
  return pipe;
}

test("three round trips with less than a quarter more: full (§5.3.1.2)", () => {
  expect(seen([100, 124, 120]).isNow).toBe(false);
  expect(seen([100, 124, 120, 124])).toMatchObject({ isNow: true, isReached: true });
});

test("a quarter more begins the count anew", () => {
  expect(seen([100, 110, 110, 125, 130, 130]).isReached).toBe(false);
});

test("looking anew forgets the moment, not that it ever was", () => {
  const pipe = seen([100, 100, 100, 100]);
  pipe.reset(200);
  expect(pipe).toMatchObject({ isNow: false, isReached: true });
  for (const rate of [240, 240]) pipe.check(rate);
  expect(pipe.isNow).toBe(false);
  pipe.check(240);
  expect(pipe.isNow).toBe(true);
});
