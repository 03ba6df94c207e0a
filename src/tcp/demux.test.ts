import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { IpAddress, ip } from "../wire/address.ts";
import { Demux, type DemuxEntry } from "./demux.ts";

class Entry implements DemuxEntry {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly #remotePort: number;
  constructor(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number) {
    this.local = local;
    this.localPort = localPort;
    this.remote = remote;
    this.#remotePort = remotePort;
  }

  get remotePort(): number {
    return this.#remotePort;
  }
}

const HOST = ip("10.0.0.1");
const PEER = ip("10.0.0.2");

/**
 * An address of fd00::/64 for each `w2`; all have the same `hash()`, whose steps are undone here from the end
 * on.
 */
function withSameHash(w2: number): IpAddress {
  let mix = Math.imul(0xfd00_0000, 0x85ebca6b);
  mix = Math.imul(mix ^ w2 ^ (mix >>> 15), 0xc2b2ae35);
  return IpAddress.v6(0xfd00_0000, 0, w2, mix ^ (mix >>> 13));
}

describe("Demux", () => {
  test("tells four-tuples apart by each of their four parts", () => {
    const demux = new Demux<Entry>(new SeededRandom(1));
    const entry = new Entry(HOST, 80, PEER, 5_000);
    demux.add(entry);
    expect(demux.lookup(HOST, 80, PEER, 5_000)).toBe(entry);
    expect(demux.lookup(ip("10.0.0.3"), 80, PEER, 5_000)).toBeUndefined();
    expect(demux.lookup(HOST, 81, PEER, 5_000)).toBeUndefined();
    expect(demux.lookup(HOST, 80, ip("10.0.0.3"), 5_000)).toBeUndefined();
    expect(demux.lookup(HOST, 80, PEER, 5_001)).toBeUndefined();
    expect(demux.lookup(PEER, 5_000, HOST, 80)).toBeUndefined();
  });

  test("an IPv4 address is not its IPv4-mapped form", () => {
    const demux = new Demux<Entry>(new SeededRandom(1));
    demux.add(new Entry(HOST, 80, PEER, 5_000));
    expect(demux.lookup(ip("::ffff:10.0.0.1"), 80, ip("::ffff:10.0.0.2"), 5_000)).toBeUndefined();
  });

  test("what was removed is gone, and removing it again says so", () => {
    const demux = new Demux<Entry>(new SeededRandom(1));
    const entry = new Entry(HOST, 80, PEER, 5_000);
    demux.add(entry);
    expect(demux.remove(entry)).toBe(true);
    expect(demux.remove(entry)).toBe(false);
    expect(demux.lookup(HOST, 80, PEER, 5_000)).toBeUndefined();
    expect(demux.size).toBe(0);
  });

  test("does what a map would do, growing as it must", () => {
    const key = fc.record({
      peer: fc.integer({ min: 0, max: 3 }),
      port: fc.integer({ min: 1, max: 60 }),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 400 }), fc.integer(), (steps, seed) => {
        const demux = new Demux<Entry>(new SeededRandom(seed));
        const model = new Map<string, Entry>();
        for (const { peer, port, remove } of steps) {
          const remote = IpAddress.v4(0x0a000000 + peer);
          const held = model.get(`${remote} ${port}`);
          expect(demux.lookup(HOST, 80, remote, port)).toBe(held);
          if (remove) {
            if (held !== undefined) demux.remove(held);
            model.delete(`${remote} ${port}`);
          } else if (held === undefined) {
            const entry = new Entry(HOST, 80, remote, port);
            demux.add(entry);
            model.set(`${remote} ${port}`, entry);
          }
          expect(demux.size).toBe(model.size);
        }
        expect(new Set(demux)).toEqual(new Set(model.values()));
      }),
      { numRuns: 50 },
    );
  });

  test("looks at no entry but the one it finds, however many there are; growing at none", () => {
    let looks = 0;
    class Watched extends Entry {
      override get remotePort(): number {
        looks++;
        return super.remotePort;
      }
    }
    const demux = new Demux<Entry>(new SeededRandom(1));
    const entries: Entry[] = [];
    for (let i = 0; i < 20_000; i++) {
      const entry = new Watched(HOST, 80, IpAddress.v4(0x0a00_0000 + (i >> 4)), 1 + (i & 15));
      entries.push(entry);
      demux.add(entry);
    }
    // To be added, each was hashed once.
    expect(looks).toBe(20_000);
    looks = 0;
    for (const { local, localPort, remote } of entries) demux.lookup(local, localPort, remote, 99);
    expect(looks).toBeLessThan(5);
  });

  test("a stranger who knows how addresses hash cannot crowd a place with his own", () => {
    const strangers = Array.from({ length: 500 }, (_, w2) => withSameHash(w2));
    expect(new Set(strangers.map(address => address.hash())).size).toBe(1);
    const demux = new Demux<Entry>(new SeededRandom(1));
    const hashes = new Set<number>();
    for (const remote of strangers) {
      const entry = new Entry(ip("fd00::1"), 80, remote, 5_000);
      demux.add(entry);
      hashes.add(demux.hash(entry.local, entry.localPort, remote, entry.remotePort) & 0x3ff);
    }
    // 500 balls into 1024 bins leave about 395 bins with something in them.
    expect(hashes.size).toBeGreaterThan(300);
  });

  test("spreads the ports of one peer over the table, differently with each key", () => {
    const order = (seed: number): string => {
      const demux = new Demux<Entry>(new SeededRandom(seed));
      for (let port = 1; port <= 1_000; port++) demux.add(new Entry(HOST, 80, PEER, port));
      return [...demux].map(entry => entry.remotePort).join(" ");
    };
    expect(order(1)).toBe(order(1));
    expect(order(1)).not.toBe(order(2));
  });
});
