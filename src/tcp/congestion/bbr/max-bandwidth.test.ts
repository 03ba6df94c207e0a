import { expect, test } from "vitest";
import { sample } from "../../../../test/tcp/bbr.ts";
import { MaxBandwidth } from "./max-bandwidth.ts";

const rate = (deliveryRate: number) => sample({ deliveryRate });

test("the fastest of this cycle and the one before (§5.5.6)", () => {
  const max = new MaxBandwidth();
  max.update(rate(900), false);
  max.update(rate(500), false);
  expect(max.value).toBe(900);
  max.advance();
  max.update(rate(600), false);
  expect(max.value).toBe(900);
  max.advance();
  expect(max.value).toBe(600);
});

test("a cycle without a sample forgets nothing", () => {
  const max = new MaxBandwidth();
  max.update(rate(900), false);
  max.advance();
  max.advance();
  expect(max.value).toBe(900);
});

test("what the user limits counts only when it is faster (§5.5.4)", () => {
  const max = new MaxBandwidth();
  max.update(rate(900), false);
  max.advance();
  max.update(rate(300), true);
  max.update(rate(0), false);
  max.advance();
  expect(max.value).toBe(900);
  max.update(rate(1_000), true);
  expect(max.value).toBe(1_000);
});
