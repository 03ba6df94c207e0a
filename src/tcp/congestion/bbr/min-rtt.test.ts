import { describe, expect, test } from "vitest";
import { at } from "../../../../test/tcp/bbr.ts";
import { type Duration, milliseconds, START_OF_TIME } from "../../../base/time.ts";
import { MinRtt } from "./min-rtt.ts";

function seen(...samples: readonly (readonly [rtt: number, ms: number])[]): MinRtt {
  const min = new MinRtt(START_OF_TIME);
  for (const [rtt, ms] of samples) min.update(milliseconds(rtt), at(ms));
  return min;
}

describe("the smallest round trip (§5.3.4.3)", () => {
  test("of ten seconds", () => {
    expect(seen([50, 0], [40, 1_000], [60, 2_000]).value).toBe(milliseconds(40));
    expect(seen([40, 0], [60, 4_000], [60, 6_000], [60, 9_900]).value).toBe(milliseconds(40));
    expect(seen([40, 0], [60, 4_000], [60, 6_000], [60, 10_001]).value).toBe(milliseconds(60));
  });

  test("is not known before the first sample, and acknowledgments without one change nothing", () => {
    const min = seen();
    min.update(0 as Duration, at(1_000));
    expect(min.value).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("it is time to look again", () => {
  test("after five seconds without a smaller one", () => {
    expect(seen([40, 0], [50, 5_000]).isExpired).toBe(false);
    expect(seen([40, 0], [50, 5_001]).isExpired).toBe(true);
    expect(seen([40, 0], [39, 3_000], [50, 5_001]).isExpired).toBe(false);
  });

  test("five seconds after the last look", () => {
    const min = seen([40, 0], [50, 5_001]);
    min.probed(at(5_300));
    min.update(milliseconds(50), at(10_200));
    expect(min.isExpired).toBe(false);
    min.update(milliseconds(50), at(10_301));
    expect(min.isExpired).toBe(true);
  });
});
