import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { type Seq, seq, seqAdd } from "../../base/seq.ts";
import { type Instant, seconds } from "../../base/time.ts";
import { IpAddress, ip } from "../../wire/address.ts";
import type { FourTuple } from "../tcp-probe.ts";
import { isPossible, optionsIn, ticksWith } from "./syn-cookie-options.ts";
import { SynCookies, sizeFor } from "./syn-cookies.ts";

const TUPLE: FourTuple = { local: ip("10.0.0.1"), localPort: 80, remote: ip("10.0.0.2"), remotePort: 5_000 };
const TUPLE6: FourTuple = { ...TUPLE, local: ip("fd00::1"), remote: ip("fd00::2") };
const IRS = seq(1_000);

const cookies = (seed = 1): SynCookies => new SynCookies(new SeededRandom(seed));
const at = (time: number): Instant => time as Instant;

const port = fc.integer({ min: 0, max: 0xffff });
const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const tuples = fc
  .record({ local: word, localPort: port, remote: word, remotePort: port })
  .map(({ local, localPort, remote, remotePort }) => ({
    local: IpAddress.v4(local >>> 0),
    localPort,
    remote: IpAddress.v4(remote >>> 0),
    remotePort,
  }));

describe("SYN cookies: RFC 4987 §3.6", () => {
  test("what was made is accepted from its four-tuple, with its MSS, within a minute", () => {
    fc.assert(
      fc.property(
        tuples,
        word,
        fc.integer({ min: 0, max: 0xffff }),
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        (tuple, irs, mss, time) => {
          const jar = cookies();
          const size = sizeFor(tuple, mss);
          const cookie = jar.make(tuple, irs as Seq, size, at(time));
          expect(jar.check(tuple, irs as Seq, cookie, at(time))).toBe(size);
          expect(jar.check(tuple, irs as Seq, cookie, at(time + seconds(60)))).toBe(size);
        },
      ),
    );
  });

  test("after two minutes it is old, and from before it was made it never counts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 2, max: 250 }), (start, later) => {
        const jar = cookies();
        const cookie = jar.make(TUPLE, IRS, 1_460, at(start * 1e6));
        expect(jar.check(TUPLE, IRS, cookie, at(start * 1e6 + seconds(60) * later))).toBeUndefined();
      }),
    );
    const jar = cookies();
    const cookie = jar.make(TUPLE, IRS, 1_460, at(seconds(600)));
    expect(jar.check(TUPLE, IRS, cookie, at(seconds(599)))).toBeUndefined();
    expect(jar.check(TUPLE, IRS, cookie, at(seconds(720) - 1))).toBe(1_460);
    expect(jar.check(TUPLE, IRS, cookie, at(seconds(720)))).toBeUndefined();
  });

  test("who kept an old one cannot make it young: the minute is hashed, too", () => {
    const jar = cookies();
    const cookie = jar.make(TUPLE, IRS, 1_460, at(0));
    for (let minute = 1; minute < 60; minute++) {
      const forged = seqAdd(cookie, minute * 2 ** 24);
      expect(jar.check(TUPLE, IRS, forged, at(seconds(60 * minute)))).toBeUndefined();
    }
  });

  test.each<[string, Partial<FourTuple>]>([
    ["address", { remote: ip("10.0.0.3") }],
    ["port", { remotePort: 5_001 }],
    ["address of ours", { local: ip("10.0.0.9") }],
    ["port of ours", { localPort: 81 }],
  ])("from another %s it is none", (_name, change) => {
    let accepted = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const jar = cookies(seed);
      const cookie = jar.make(TUPLE, IRS, 1_460, at(0));
      if (jar.check({ ...TUPLE, ...change }, IRS, cookie, at(0)) !== undefined) accepted++;
    }
    expect(accepted).toBe(0);
  });

  test("with another sequence number of the peer's it is none, and with another key neither", () => {
    const jar = cookies();
    const cookie = jar.make(TUPLE, IRS, 1_460, at(0));
    expect(jar.check(TUPLE, seqAdd(IRS, 1 << 20), cookie, at(0))).toBeUndefined();
    expect(cookies(2).check(TUPLE, IRS, cookie, at(0))).toBeUndefined();
  });

  test("what has gone equally far from both numbers is none: an echo's last ACK, come twice", () => {
    const jar = cookies();
    const cookie = jar.make(TUPLE, IRS, 1_460, at(0));
    for (let length = 1; length <= 10_000; length++) {
      expect(jar.check(TUPLE, seqAdd(IRS, length), seqAdd(cookie, length), at(0))).toBeUndefined();
    }
  });

  test("of 300,000 random numbers none is taken for a cookie: one in 2²⁹ is", () => {
    const jar = cookies();
    const random = new SeededRandom(99);
    let accepted = 0;
    for (let i = 0; i < 300_000; i++) {
      if (jar.check(TUPLE, seq(random.uint32()), seq(random.uint32()), at(seconds(90))) !== undefined)
        accepted++;
    }
    expect(accepted).toBe(0);
  });

  test("and whoever knows one cookie of his own knows little of the next: they differ in all their bits", () => {
    const jar = cookies();
    const differing = new Set<number>();
    for (let remotePort = 1; remotePort <= 64; remotePort++) {
      differing.add(jar.make({ ...TUPLE, remotePort }, IRS, 1_460, at(0)) >>> 24);
    }
    expect(differing.size).toBeGreaterThan(40);
  });

  test("the peer's MSS is rounded down to a size of the table", () => {
    const sizes = (tuple: FourTuple, ...given: number[]): number[] => given.map(mss => sizeFor(tuple, mss));
    expect(sizes(TUPLE, 48, 536, 1_299, 1_300, 1_452, 1_460, 9_000)).toEqual([
      536, 536, 536, 1_300, 1_440, 1_460, 1_460,
    ]);
    expect(sizes(TUPLE6, 1_220, 1_419, 1_420, 1_440, 8_940, 65_535)).toEqual([
      1_220, 1_220, 1_420, 1_440, 8_940, 8_940,
    ]);
  });
});

describe("what the timestamp carries", () => {
  const options = fc.record({
    windowScale: fc.integer({ min: -1, max: 14 }),
    sack: fc.boolean(),
    ecn: fc.boolean(),
  });

  test("comes back as it was sent, and the clock does not run ahead", () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 64, max: 2 ** 40 }), (given, ticks) => {
        const sent = ticksWith(ticks, given);
        expect(sent).toBeLessThanOrEqual(ticks);
        expect(ticks - sent).toBeLessThan(128);
        expect(optionsIn(sent)).toEqual(given);
        // As it looks in 32 bits.
        expect(optionsIn(sent | 0)).toEqual(given);
      }),
    );
  });

  test("an option that we never offer cannot come back", () => {
    const ours = { mss: 1_460, windowScale: -1, timestamps: true, sack: false, ecn: false };
    const none = { windowScale: -1, sack: false, ecn: false };
    expect(isPossible(none, ours)).toBe(true);
    expect(isPossible({ ...none, sack: true }, ours)).toBe(false);
    expect(isPossible({ ...none, ecn: true }, ours)).toBe(false);
    expect(isPossible({ ...none, ecn: true }, { ...ours, ecn: true })).toBe(true);
    expect(isPossible({ ...none, windowScale: 0 }, ours)).toBe(false);
    expect(isPossible({ ...none, windowScale: 0, sack: true }, { ...ours, windowScale: 7, sack: true })).toBe(
      true,
    );
  });
});
