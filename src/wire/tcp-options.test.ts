import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { int32, readWatched, survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { TcpOptions } from "./tcp-options.ts";

const FRESH = new TcpOptions();

const cookie = (): fc.Arbitrary<Uint8Array> =>
  fc
    .constantFrom(0, 4, 6, 8, 12, 16)
    .chain(length => fc.uint8Array({ minLength: length, maxLength: length }));

/** What a writer may set; sets that exceed 40 bytes are left out. */
const anyOptions = (): fc.Arbitrary<TcpOptions> =>
  fc
    .record(
      {
        mss: uint16(),
        windowScale: fc.nat(14),
        sackPermitted: fc.boolean(),
        timestamps: fc.tuple(int32(), int32()),
        sack: fc.array(int32(), { minLength: 1, maxLength: 4 }),
        fastOpen: cookie(),
        fastOpenExperimental: fc.boolean(),
        userTimeout: fc.oneof(
          fc.nat(0x7fff),
          fc.integer({ min: 547, max: 0x7fff }).map(minutes => 60 * minutes),
        ),
        md5: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      },
      { requiredKeys: [] },
    )
    .map(({ timestamps, sack, fastOpenExperimental, ...plainOnes }) => {
      const options = Object.assign(new TcpOptions(), plainOnes);
      options.fastOpenExperimental = options.fastOpen !== undefined && fastOpenExperimental === true;
      if (timestamps !== undefined) {
        options.hasTimestamps = true;
        [options.timestampValue, options.timestampEcho] = timestamps;
      }
      for (const left of sack ?? []) {
        options.sackEdges[2 * options.sackCount] = left;
        options.sackEdges[2 * options.sackCount + 1] = left + 1_000;
        options.sackCount++;
      }
      return options;
    })
    .filter(options => options.size <= 40);

const bytesOf = (options: TcpOptions): Uint8Array => written((bytes, at) => options.write(bytes, at));

function reading(text: string): TcpOptions {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], digits => Number.parseInt(digits, 16));
  const options = new TcpOptions();
  options.read(bytes, 0, bytes.length);
  return options;
}

function options(values: Partial<TcpOptions>): TcpOptions {
  return Object.assign(new TcpOptions(), values);
}

test("what is written is read again", () => {
  fc.assert(
    fc.property(anyOptions(), before => {
      const bytes = bytesOf(before);
      const after = new TcpOptions();
      after.read(bytes, 0, bytes.length);
      expect(after).toEqual(before);
      expect(bytes.length).toBe(before.size);
      expect(bytes.length % 4).toBe(0);
    }),
  );
});

test("a set of options leaves nothing of the set read before", () => {
  fc.assert(
    fc.property(anyOptions(), before => {
      const bytes = bytesOf(before);
      const twice = new TcpOptions();
      twice.read(bytes, 0, bytes.length);
      twice.read(bytes, 0, 0);
      // The edges behind sackCount mean nothing.
      expect({ ...twice, sackEdges: undefined }).toEqual({ ...FRESH, sackEdges: undefined });
    }),
  );
});

test("arbitrary bytes never throw, and none outside is read (MUST-7)", () => {
  survivesAnyBytes(anyOptions().map(bytesOf), (bytes, start, end) => {
    const after = new TcpOptions();
    after.read(bytes, start, end);
    return after;
  });
});

describe("written in Linux's order and padding (MUST-4, MUST-69)", () => {
  const timestamps = { hasTimestamps: true, timestampValue: 0x11223344, timestampEcho: 0x55667788 };
  const block = (target: TcpOptions): TcpOptions => {
    target.sackCount = 1;
    target.sackEdges.set([0x0a0b0c0d, 0x1a1b1c1d]);
    return target;
  };

  test.each<[string, string, TcpOptions]>([
    [
      "a SYN of today: MSS, SACK-permitted and timestamps without NOPs, window scale",
      "020405b4 0402080a 11223344 55667788 01030307",
      options({ mss: 1460, sackPermitted: true, windowScale: 7, ...timestamps }),
    ],
    ["MSS alone", "02040218", options({ mss: 536 })],
    [
      "SACK-permitted without timestamps",
      "020405b4 01010402 01030308",
      options({ mss: 1460, sackPermitted: true, windowScale: 8 }),
    ],
    [
      "timestamps without SACK-permitted",
      "020405b4 0101080a 11223344 55667788 01030300",
      options({ mss: 1460, windowScale: 0, ...timestamps }),
    ],
    ["timestamps of an open connection", "0101080a 11223344 55667788", options(timestamps)],
    [
      "timestamps, then SACK",
      "0101080a 11223344 55667788 0101050a 0a0b0c0d 1a1b1c1d",
      block(options(timestamps)),
    ],
    ["a request for a fast open cookie", "22020101", options({ fastOpen: new Uint8Array(0) })],
    ["a fast open cookie", "22080102 03040506", cookieOptions(false)],
    ["the experimental form", "fe0af989 01020304 05060101", cookieOptions(true)],
    ["a user timeout in seconds", "1c040e10", options({ userTimeout: 3_600 })],
    ["a user timeout in minutes", "1c048708", options({ userTimeout: 108_000 })],
    [
      "an MD5 signature first",
      `01011312 ${"ab".repeat(16)} 020405b4`,
      options({ md5: new Uint8Array(16).fill(0xab), mss: 1460 }),
    ],
  ])("%s", (_name, expected, before) => {
    expect(hex(bytesOf(before))).toBe(expected.replaceAll(" ", ""));
  });

  function cookieOptions(fastOpenExperimental: boolean): TcpOptions {
    return options({ fastOpen: Uint8Array.of(1, 2, 3, 4, 5, 6), fastOpenExperimental });
  }
});

describe("read", () => {
  test("an unknown option is skipped by its length (MUST-6, MUST-68)", () => {
    expect(reading("fd05aabbcc0204020001")).toMatchObject({ mss: 512, malformed: false });
  });

  test("an experiment that is not fast open is skipped (RFC 6994 §3)", () => {
    expect(reading("fe061234aabb02040200")).toMatchObject({
      mss: 512,
      fastOpen: undefined,
      malformed: false,
    });
    expect(reading("fe0302040200")).toMatchObject({ fastOpen: undefined });
  });

  test("nothing behind the end of the list counts (RFC 9293 §3.2)", () => {
    expect(reading("0002040200")).toMatchObject({ mss: -1, malformed: false });
  });

  test("any number of NOPs may stand anywhere (RFC 9293 §3.2)", () => {
    expect(reading("01010102040200010303030a01")).toMatchObject({ mss: 512, windowScale: 3 });
  });

  test("options need not be aligned (MUST-64)", () => {
    expect(reading("0303070104020204" + "0200080a8000000000000001")).toMatchObject({
      windowScale: 7,
      sackPermitted: true,
      mss: 512,
      hasTimestamps: true,
      timestampValue: -0x8000_0000,
      timestampEcho: 1,
    });
  });

  test("a window scale above 14 is used as 14 (RFC 7323 §2.3)", () => {
    expect(reading("03030f01").windowScale).toBe(14);
    expect(reading("0303ff01").windowScale).toBe(14);
    expect(reading("03030e01").windowScale).toBe(14);
  });

  test("up to four SACK blocks (RFC 2018 §3)", () => {
    const edges = [1, 2, 3, 4, 5, 6, 7, 8];
    const text = edges.map(edge => edge.toString(16).padStart(8, "0")).join("");
    const after = reading(`0522${text}`);
    expect(after.sackCount).toBe(4);
    expect([...after.sackEdges]).toEqual(edges);
  });

  test("the user timeout's granularity is resolved (RFC 5482 §3.1)", () => {
    expect(reading("1c040078").userTimeout).toBe(120);
    expect(reading("1c048002").userTimeout).toBe(120);
  });

  test("an empty cookie asks for one (RFC 7413 §4.1.1)", () => {
    expect(reading("22020101").fastOpen).toHaveLength(0);
    expect(reading("fe04f989")).toMatchObject({ fastOpenExperimental: true, fastOpen: new Uint8Array(0) });
  });

  test("what is kept of the segment is a view of it, not a copy", () => {
    const bytes = Uint8Array.of(34, 6, 1, 2, 3, 4, 1, 1);
    const after = new TcpOptions();
    after.read(bytes, 0, 8);
    expect(after.fastOpen?.buffer).toBe(bytes.buffer);
  });
});

describe("illegal lengths are survived (MUST-7)", () => {
  test.each([
    ["0", "02040200030001020000"],
    ["1", "02040200030101020000"],
    ["past the end", "02040200080a00000000"],
    ["cut off", "0204020003"],
  ])("%s: what came before counts, the rest does not", (_name, text) => {
    expect(reading(text)).toMatchObject({
      mss: 512,
      windowScale: -1,
      hasTimestamps: false,
      malformed: true,
    });
  });

  test.each([
    ["MSS", "0203020303070101"],
    ["window scale", "0304070002040200"],
    ["SACK-permitted", "0403000303070101"],
    ["timestamps", "080900000000000000"],
    ["SACK without a block", "05020101"],
    ["SACK with half a block", "050e000000000000000100000002"],
    ["SACK with five blocks", `052a${"00".repeat(40)}`],
    ["MD5", "130600000000"],
    ["user timeout", "1c03000303070101"],
    ["an odd cookie", "2207aabbccddee01"],
    ["a cookie of 2", "2204aabb"],
    ["a cookie of 18", `2214${"00".repeat(18)}`],
  ])("wrong for its kind: %s is skipped, and what follows counts", (_name, text) => {
    const after = reading(`${text}02040400`);
    expect(after).toMatchObject({
      mss: 1024,
      sackPermitted: false,
      hasTimestamps: false,
      sackCount: 0,
      md5: undefined,
      userTimeout: -1,
      fastOpen: undefined,
      malformed: true,
    });
  });
});

test("the fast path for aligned timestamps tells what the slow one does", () => {
  fc.assert(
    fc.property(int32(), int32(), uint16(), (value, echo, tail) => {
      const before = options({ hasTimestamps: true, timestampValue: value, timestampEcho: echo });
      const bytes = bytesOf(before);
      const slow = new Uint8Array(16).fill(1);
      slow.set(bytes);
      const read = (content: Uint8Array): unknown =>
        readWatched(content, (all, start, end) => {
          const after = new TcpOptions();
          after.read(all, start, end);
          return after;
        });
      expect(read(bytes)).toEqual(read(slow));
      // Not timestamps, but as long.
      const other = bytes.slice();
      other[2] = tail & 0x7f;
      expect((read(other) as TcpOptions).hasTimestamps).toBe((tail & 0x7f) === 8);
    }),
  );
});

test("more than 40 bytes of options are our own bug", () => {
  const before = options({
    md5: new Uint8Array(16),
    mss: 1,
    windowScale: 1,
    hasTimestamps: true,
    sackCount: 1,
  });
  expect(() => before.write(new Uint8Array(80), 0)).toThrow("40 bytes");
});
