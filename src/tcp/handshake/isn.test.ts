import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import type { Instant } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";
import { TupleHash } from "./isn.ts";

const HOST = ip("10.0.0.1");
const PEER = ip("10.0.0.2");
const at = (time: number): Instant => time as Instant;

describe("the initial sequence number: RFC 6528 §3", () => {
  test("goes up by one every 4 µs (MUST-8)", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const isn = (time: number): number => hash.isn(HOST, 80, PEER, 5_000, at(time));
    expect((isn(4) - isn(0)) | 0).toBe(1);
    expect((isn(7) - isn(0)) | 0).toBe(1);
    expect((isn(1_000_000) - isn(0)) | 0).toBe(250_000);
  });

  test("is back where it was after 2³² ticks, and not before", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const first = hash.isn(HOST, 80, PEER, 5_000, at(0));
    expect(hash.isn(HOST, 80, PEER, 5_000, at(4 * 2 ** 32))).toBe(first);
    expect((hash.isn(HOST, 80, PEER, 5_000, at(4 * 2 ** 31)) - first) | 0).toBe(-0x8000_0000);
  });

  test("differs with each part of the four-tuple, and with the secret (SHLD-1, MUST-9)", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const other = new TupleHash(new SeededRandom(2));
    const now = at(0);
    const isns = [
      hash.isn(HOST, 80, PEER, 5_000, now),
      hash.isn(ip("10.0.0.3"), 80, PEER, 5_000, now),
      hash.isn(HOST, 81, PEER, 5_000, now),
      hash.isn(HOST, 80, ip("10.0.0.3"), 5_000, now),
      hash.isn(HOST, 80, PEER, 5_001, now),
      hash.isn(PEER, 5_000, HOST, 80, now),
      other.isn(HOST, 80, PEER, 5_000, now),
    ];
    expect(new Set(isns).size).toBe(isns.length);
    expect(hash.isn(HOST, 80, PEER, 5_000, now)).toBe(isns[0]);
  });

  test("reads all of an IPv6 address", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const peers = ["fd00::2", "fd00::1:0:0:2", "fd00:0:1::2", "fd01::2"].map(ip);
    const isns = peers.map(peer => hash.isn(HOST, 80, peer, 5_000, at(0)));
    expect(new Set(isns).size).toBe(peers.length);
  });
});

describe("offsets", () => {
  test("of timestamps: by the pair of addresses (RFC 7323 §7.1), so that TIME-WAIT can compare across ports", () => {
    const hash = new TupleHash(new SeededRandom(1));
    expect(hash.timestampOffset(HOST, PEER)).toBe(hash.timestampOffset(HOST, PEER));
    expect(hash.timestampOffset(HOST, PEER)).not.toBe(hash.timestampOffset(HOST, ip("10.0.0.3")));
  });

  test("of ephemeral ports: by destination (RFC 6056 §3.3.3), never negative", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const offsets = Array.from({ length: 100 }, (_, port) => hash.portOffset(HOST, PEER, port));
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
    expect(new Set(offsets).size).toBe(100);
  });

  test("the three do not give one another away", () => {
    const hash = new TupleHash(new SeededRandom(1));
    const isn = hash.isn(HOST, 0, PEER, 0, at(0));
    expect(new Set([isn, hash.timestampOffset(HOST, PEER), hash.portOffset(HOST, PEER, 0) | 0]).size).toBe(3);
  });
});
