/**
 * Loss-based congestion controls over a simulated path: each carries everything; CUBIC fills a long path that
 * Reno cannot; what shares a path shares it fairly.
 */
import { describe, expect, test } from "vitest";
import { milliseconds } from "../../src/base/time.ts";
import { CongestionWorld } from "./congestion-world.ts";

/** A round trip of 200 ms, a megabyte and a half a second, and a loss now and then. */
function longPath(congestionControl: string, seed: number): number {
  const world = new CongestionWorld({
    seed,
    rate: 1_500_000,
    rtt: milliseconds(200),
    loss: 0.0005,
    queue: 200,
  });
  world.start(congestionControl);
  const [share = 0] = world.shares(25);
  return share;
}

test("on a long path with rare losses CUBIC carries more than Reno", () => {
  const reno = longPath("reno", 1);
  const cubic = longPath("cubic", 1);
  expect(cubic).toBeGreaterThan(1.15 * reno);
});

describe.each(["reno", "cubic"])("%s", name => {
  test("fills a path that loses nothing but by its queue", () => {
    const world = new CongestionWorld();
    const { client } = world.start(name);
    world.shares(3);
    const [share] = world.shares(10);
    expect(share).toBeGreaterThan(0.93);
    expect(client.congestion.name).toBe(name);
  });

  test("shares it with another of its kind", () => {
    const world = new CongestionWorld({ rtt: milliseconds(20) });
    world.start(name);
    world.shares(3);
    world.start(name);
    world.shares(20);
    const [first = 0, second = 0] = world.shares(20);
    expect(first + second).toBeGreaterThan(0.93);
    expect(Math.min(first, second)).toBeGreaterThan(0.3);
  });
});

describe("HyStart", () => {
  /** Segments lost in the first two seconds, over a path with a deep queue. */
  function lostAtFirst(hystart: "classic" | "plus-plus" | "off"): number {
    const world = new CongestionWorld({ rtt: milliseconds(60), queue: 100, tcp: { hystart } });
    const { client } = world.start("cubic");
    world.shares(2);
    return client.queue.everLost;
  }

  test.each(["classic", "plus-plus"] as const)("(%s) ends slow start before the queue overflows", hystart => {
    expect(lostAtFirst(hystart)).toBeLessThan(lostAtFirst("off") / 4);
  });
});
