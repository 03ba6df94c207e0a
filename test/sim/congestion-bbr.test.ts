/**
 * BBR over a simulated path (draft-ietf-ccwg-bbr, appendix A): random loss, queues, others on the same path,
 * users that pause.
 */
import { describe, expect, test } from "vitest";
import { type Duration, milliseconds } from "../../src/base/time.ts";
import { bytesInFlight } from "../../src/tcp/flight.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { type Bottleneck, CongestionWorld } from "./congestion-world.ts";

const RTT = milliseconds(40);
/** Of the bottleneck that tests begin with: its rate times its round trip. */
const BDP = 25_000;

interface Phased {
  readonly phase: string;
}

function phaseOf(client: TcpConnection): string {
  return (client.congestion as unknown as Phased).phase;
}

/** The phases that a connection goes through. */
function phases(world: CongestionWorld, client: TcpConnection, time: number): string[] {
  const seen: string[] = [];
  for (let ms = 0; ms < time * 1_000; ms += 20) {
    world.run(milliseconds(20));
    const phase = phaseOf(client);
    if (phase !== seen.at(-1)) seen.push(phase);
  }
  return seen;
}

function share(name: string, options: Bottleneck): number {
  const world = new CongestionWorld({ queue: 40, ...options });
  world.start(name);
  world.shares(2);
  return world.shares(20)[0] as number;
}

describe("a percent of random loss", () => {
  test.each([1, 2])("leaves BBR most of the path, and Reno and CUBIC little (seed %i)", seed => {
    const wire = { seed, loss: 0.01, rate: 1_250_000, rtt: RTT };
    const bbr = share("bbr", wire);
    expect(bbr).toBeGreaterThan(0.75);
    expect(bbr).toBeGreaterThan(1.7 * share("reno", wire));
    expect(bbr).toBeGreaterThan(1.7 * share("cubic", wire));
  });
});

describe("alone on a path", () => {
  test("Startup finds its rate, Drain empties the queue, and then it is probed", () => {
    const world = new CongestionWorld({ rtt: RTT });
    const { client } = world.start("bbr");
    const seen = phases(world, client, 4);
    expect(seen.slice(0, 2)).toEqual(["startup", "drain"]);
    expect(seen).toContain("cruise");
    expect(seen).toContain("up");
    const bandwidth = client.congestion.model?.bandwidth ?? 0;
    // The headers are the link's, not ours.
    expect(bandwidth / (world.rate * (1_448 / 1_500))).toBeGreaterThan(0.98);
    expect(bandwidth / (world.rate * (1_448 / 1_500))).toBeLessThan(1.02);
    expect(client.congestion.model?.minRtt).toBeLessThan(RTT * 1.1);
  });

  test("the queue stays short, however long it might get; CUBIC fills it", () => {
    const delay = (name: string): number => {
      const world = new CongestionWorld({ rtt: RTT, queue: 300 });
      const { client } = world.start(name);
      world.shares(3);
      let sum = 0;
      for (let i = 0; i < 100; i++) {
        world.run(milliseconds(100));
        sum += client.rtt.srtt;
      }
      return sum / 100 - RTT;
    };
    expect(delay("bbr")).toBeLessThan(RTT / 2);
    expect(delay("cubic")).toBeGreaterThan(RTT);
  });

  test("uses it, even where the queue is much too short for CUBIC's bursts", () => {
    expect(share("bbr", { queue: 300 })).toBeGreaterThan(0.88);
    expect(share("bbr", { queue: 12 })).toBeGreaterThan(0.8);
  });

  test("every five seconds ProbeRTT takes less than half a second, and half of what the path holds", () => {
    const world = new CongestionWorld({ rtt: RTT });
    const { client } = world.start("bbr");
    const begun: number[] = [];
    let inProbe = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let ms = 0; ms < 20_000; ms += 10) {
      world.run(milliseconds(10));
      if (phaseOf(client) !== "probe-rtt") {
        inProbe = 0;
        continue;
      }
      if (inProbe === 0) begun.push(ms);
      inProbe += 10;
      expect(inProbe).toBeLessThan(500);
      least = Math.min(least, bytesInFlight(client));
    }
    expect(begun.length).toBeGreaterThanOrEqual(3);
    expect(begun.length).toBeLessThanOrEqual(4);
    expect(least).toBeLessThan(0.6 * BDP + 1_448);
  });

  test("uses a long path too, and a very slow one", () => {
    const wires: readonly Bottleneck[] = [
      { rtt: milliseconds(300), rate: 600_000, queue: 100 },
      { rtt: milliseconds(100), rate: 15_000 },
    ];
    for (const wire of wires) {
      const world = new CongestionWorld(wire);
      world.start("bbr");
      world.shares(6);
      expect(world.shares(10)[0]).toBeGreaterThan(0.8);
    }
  });
});

describe("a user who sends less than the path takes", () => {
  test("never ends Startup, as long as nothing is lost", () => {
    const world = new CongestionWorld({ rtt: RTT });
    const { client } = world.start("bbr", { bytes: 600, each: milliseconds(10) });
    expect(phases(world, client, 4)).toEqual(["startup"]);
  });

  test("needs no ProbeRTT: its pauses show the round trip", () => {
    const world = new CongestionWorld({ rtt: RTT });
    const flow = world.start("bbr", { bytes: 1_000, each: milliseconds(200) });
    const seen = phases(world, flow.client, 12);
    expect(seen).not.toContain("probe-rtt");
  });
});

describe("with others", () => {
  test.each([
    ["bbr", "bbr", 0.3],
    ["bbr", "cubic", 0.2],
    ["cubic", "bbr", 0.2],
    ["reno", "bbr", 0.15],
  ])("%s, and then %s: each has its part", (first, second, least) => {
    const world = new CongestionWorld({ rtt: RTT, rate: 1_250_000, queue: 50 });
    world.start(first);
    world.shares(2);
    world.start(second);
    world.shares(3);
    const parts = world.shares(25);
    expect(Math.min(...parts)).toBeGreaterThan(least);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeGreaterThan(0.85);
  });
});

test("in the middle of a connection CUBIC becomes BBR and the other way round, and all arrives", () => {
  const world = new CongestionWorld({ rtt: 10_000 as Duration, loss: 0.005 });
  const flow = world.start("cubic");
  for (const name of ["bbr", "reno", "bbr", "cubic"]) {
    const before = flow.got;
    world.change(flow, name);
    world.run(milliseconds(1_500));
    expect(flow.client.congestion.name).toBe(name);
    expect(flow.got - before).toBeGreaterThan(0.2 * world.rate);
  }
  expect(flow.client.error).toBe(undefined);
});
