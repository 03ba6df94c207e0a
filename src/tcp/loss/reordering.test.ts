import { describe, expect, test } from "vitest";
import { Reordering } from "./reordering.ts";

describe("Reordering: net.ipv4.tcp_reordering, tcp_max_reordering", () => {
  test("the threshold follows the distance by which segments were overtaken", () => {
    const reordering = new Reordering(3, 300);
    expect(reordering).toMatchObject({ degree: 3, seen: 0, isHigh: false });
    reordering.observed(2);
    expect(reordering).toMatchObject({ degree: 3, seen: 1, isHigh: false });
    reordering.observed(6.2);
    expect(reordering).toMatchObject({ degree: 7, seen: 2, isHigh: true });
    reordering.observed(5);
    expect(reordering).toMatchObject({ degree: 7, seen: 3 });
  });

  test("up to a bound", () => {
    const reordering = new Reordering(3, 20);
    reordering.observed(1_000);
    expect(reordering.degree).toBe(20);
    reordering.estimated(1_000);
    expect(reordering.degree).toBe(20);
  });

  test("without SACK it is estimated", () => {
    const reordering = new Reordering(3, 300);
    reordering.estimated(8);
    expect(reordering).toMatchObject({ degree: 8, seen: 1 });
  });

  test("a timeout that a lower threshold would have spared takes it back", () => {
    const reordering = new Reordering(3, 300);
    reordering.observed(50);
    reordering.wasOverestimated();
    expect(reordering).toMatchObject({ degree: 3, seen: 1 });
  });
});
