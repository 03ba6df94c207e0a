import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { IpAddress, ip } from "../../wire/address.ts";
import { Demux } from "../demux.ts";
import { tcpConfig } from "../tcp-config.ts";
import { Listener, type PortClaim } from "./listener.ts";
import { Listeners } from "./listeners.ts";

const HOST = ip("10.0.0.1");
const OTHER = ip("10.0.0.9");
const PEER = ip("10.0.0.2");
const CONFIG = tcpConfig();

const random = new SeededRandom(7);

function table(seed = 1): Listeners {
  const demux = new Demux<never>(new SeededRandom(seed));
  return new Listeners((local, localPort, remote, remotePort) =>
    demux.hash(local, localPort, remote, remotePort),
  );
}

function claim(
  address?: IpAddress,
  families: PortClaim["families"] = "both",
  reusePort = false,
  port = 80,
): PortClaim {
  return { port, address, families, reusePort };
}

function listener(...parts: Parameters<typeof claim>): Listener {
  return new Listener(claim(...parts), { backlog: 5, share: random.uint32() }, CONFIG);
}

const sharing = (): Listener => listener(undefined, "both", true);

describe("which listener hears of a SYN", () => {
  test("the one on the very address goes before the one on all", () => {
    const listeners = table();
    const [any, own] = [listener(), listener(HOST)];
    listeners.join(any);
    listeners.join(own);
    expect(listeners.lookup(HOST, 80, PEER, 1)).toBe(own);
    expect(listeners.lookup(OTHER, 80, PEER, 1)).toBe(any);
    expect(listeners.lookup(HOST, 81, PEER, 1)).toBeUndefined();
    listeners.remove(own);
    expect(listeners.lookup(HOST, 80, PEER, 1)).toBe(any);
    listeners.remove(any);
    expect(listeners.lookup(HOST, 80, PEER, 1)).toBeUndefined();
    expect([...listeners]).toEqual([]);
  });

  test("one on all addresses of a family hears that family alone, and goes before one on both", () => {
    const listeners = table();
    const [six, both] = [listener(undefined, 6, true), listener(undefined, "both", true)];
    listeners.join(six);
    expect(listeners.lookup(HOST, 80, PEER, 1)).toBeUndefined();
    listeners.join(both);
    expect(listeners.lookup(HOST, 80, PEER, 1)).toBe(both);
    expect(listeners.lookup(ip("fd00::1"), 80, ip("fd00::2"), 1)).toBe(six);
    expect(listeners.covers(ip("fd00::1"), 80)).toBe(true);
  });
});

describe("who may listen beside whom", () => {
  test.each([
    [listener(), claim(undefined, "both", false, 81), false],
    [listener(), claim(), true],
    [listener(HOST), claim(HOST), true],
    [listener(HOST), claim(OTHER), false],
    [listener(HOST), claim(), true],
    [listener(), claim(HOST), true],
    [listener(undefined, 4), claim(undefined, 6), false],
    [listener(undefined, 4), claim(undefined, "both"), true],
    [listener(undefined, 6), claim(HOST), false],
    [listener(HOST), claim(undefined, 6), false],
    [listener(undefined, 4), claim(HOST), true],
    [sharing(), claim(undefined, "both", true), false],
    [sharing(), claim(HOST, 4, true), false],
    [sharing(), claim(), true],
    [listener(), claim(undefined, "both", true), true],
  ])("%#: whether claims conflict", (held, wanted, conflict) => {
    const listeners = table();
    listeners.join(held);
    expect(listeners.conflicts(wanted)).toBe(conflict);
  });
});

describe("several on one port (SO_REUSEPORT)", () => {
  /** The owner of each of many four-tuples. */
  function owners(listeners: Listeners, count = 2_000): Array<Listener | undefined> {
    return Array.from({ length: count }, (_, i) =>
      listeners.lookup(HOST, 80, IpAddress.v4(0x0a000000 + (i >> 6)), 1_024 + (i & 63)),
    );
  }

  test("each gets its share, within a fifth of the mean", () => {
    const listeners = table();
    const four = Array.from({ length: 4 }, sharing);
    for (const one of four) listeners.join(one);
    const counts = four.map(one => owners(listeners).filter(owner => owner === one).length);
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  test("one that comes takes its share from the others and moves nothing between them; one that goes gives it back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (count, seed) => {
        const listeners = table(seed);
        const group = Array.from({ length: count }, sharing);
        for (const one of group) listeners.join(one);
        const before = owners(listeners, 300);
        const newcomer = sharing();
        listeners.join(newcomer);
        const during = owners(listeners, 300);
        during.forEach((owner, i) => {
          if (owner !== newcomer) expect(owner).toBe(before[i]);
        });
        listeners.remove(newcomer);
        expect(owners(listeners, 300)).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  test("who takes over what is left must have the same place", () => {
    const listeners = table();
    const [gone, same, specific] = [sharing(), sharing(), listener(HOST, 4, true)];
    const peer = { local: HOST, remote: PEER, remotePort: 1 };
    expect(listeners.heir(gone, peer)).toBeUndefined();
    listeners.join(same);
    expect(listeners.heir(gone, peer)).toBe(same);
    listeners.join(specific);
    expect(listeners.heir(gone, peer)).toBeUndefined();
    expect(listeners.heir(listener(), peer)).toBeUndefined();
  });

  test("a cookie's answer may come to another one than has sent it", () => {
    const listeners = table();
    const [first, second, third] = [sharing(), sharing(), sharing()];
    listeners.join(first);
    first.overflowedAt = 5 as typeof first.overflowedAt;
    listeners.join(second);
    expect(second.overflowedAt).toBe(5);
    second.overflowedAt = 9 as typeof first.overflowedAt;
    listeners.remove(second);
    expect(first.overflowedAt).toBe(9);
    listeners.join(third);
    expect(third.overflowedAt).toBe(9);
  });
});
