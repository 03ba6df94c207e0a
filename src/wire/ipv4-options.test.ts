import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { survivesAnyBytes } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ip } from "./address.ts";
import {
  Ipv4Options,
  recordAddress,
  recordedRoute,
  recordTimestamp,
  sourceRouteIsDone,
} from "./ipv4-options.ts";

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], digits => Number.parseInt(digits, 16));

function reading(text: string): Ipv4Options & { problem: unknown } {
  const bytes = bytesOf(text);
  const options = new Ipv4Options();
  const problem = options.read(bytes, 0, bytes.length);
  return Object.assign(options, { problem });
}

const GOOD = [
  "01 01 01 00",
  "07 0b 04 00000000 00000000 00",
  "07 0b 08 0a000001 00000000 00",
  "83 07 04 0a000001 00",
  "89 07 04 0a000001 00",
  "44 0c 05 00 00000000 00000000",
  "44 0c 05 01 00000000 00000000",
  "44 0c 05 03 0a000001 00000000",
  "94 04 0000",
  "01 94 04 0000 07 07 04 00000000 44 0c 05 01 00000000 00000000 00 00 00",
];

describe("read (RFC 791 §3.1)", () => {
  test("record route, and the part of it that is filled", () => {
    const text = "01 07 0b 08 0a000001 00000000";
    expect(reading(text)).toMatchObject({ problem: undefined, recordRouteAt: 1, sourceRouteAt: -1 });
    expect(recordedRoute(bytesOf(text), 1).map(String)).toEqual(["10.0.0.1"]);
  });

  test("loose and strict source routes, and whether they are walked to the end", () => {
    expect(reading("83 07 04 0a000001 00")).toMatchObject({ sourceRouteAt: 0, sourceRouteIsStrict: false });
    expect(reading("89 07 04 0a000001 00")).toMatchObject({ sourceRouteAt: 0, sourceRouteIsStrict: true });
    expect(sourceRouteIsDone(bytesOf("83 07 04 0a000001 00"), 0)).toBe(false);
    expect(sourceRouteIsDone(bytesOf("83 07 08 0a000001 00"), 0)).toBe(true);
  });

  test("a pointer past a route's end shows the whole route, and nothing behind it", () => {
    expect(recordedRoute(bytesOf("07 07 fc 0a000001 ff"), 0).map(String)).toEqual(["10.0.0.1"]);
  });

  test("what is read is all of this header's, and nothing of the one before", () => {
    const options = new Ipv4Options();
    for (const text of [
      "94 04 0000 89 07 04 0a000001 07 07 04 00000000 44 0c 05 01 00000000 00000000",
      "01 07 03",
    ]) {
      const bytes = bytesOf(text);
      options.read(bytes, 0, bytes.length);
    }
    expect(options.malformedAt).toBe(2);
    options.read(bytesOf("01 01 01 00"), 0, 4);
    expect(options).toEqual(new Ipv4Options());
    expect(options).toEqual({
      recordRouteAt: -1,
      timestampAt: -1,
      sourceRouteAt: -1,
      sourceRouteIsStrict: false,
      routerAlert: -1,
      malformedAt: -1,
    });
  });

  test("timestamps and router alert (RFC 2113)", () => {
    expect(reading("94 04 0000 44 0c 05 00 00000000 00000000")).toMatchObject({
      problem: undefined,
      routerAlert: 0,
      timestampAt: 4,
    });
  });

  test("unknown options are skipped (RFC 1122 §3.2.1.8), and nothing behind the end of the list counts", () => {
    expect(reading("82 04 aabb 94 04 0001")).toMatchObject({ problem: undefined, routerAlert: 1 });
    expect(reading("00 94 04 0001")).toMatchObject({ problem: undefined, routerAlert: -1 });
  });
});

describe("refused, with the octet at fault", () => {
  test.each([
    ["length 0", "01 07 00 04", 2],
    ["length 1", "01 07 01 04", 2],
    ["past the end", "07 0b 04 00000000 00", 1],
    ["no room for a length", "01 01 01 07", 3],
    ["half an address", "07 09 04 000000000000 000000", 1],
    ["a pointer into the option's head", "07 07 03 00000000 00", 2],
    ["a pointer into an address", "07 07 05 00000000 00", 2],
    ["a router alert of another size", "94 05 000000 000000", 1],
    ["timestamps with an unknown flag", "44 08 05 02 00000000", 3],
    ["timestamps with half an entry", "44 08 05 01 00000000", 1],
    ["a timestamp pointer into the head", "44 08 04 00 00000000", 2],
    ["a timestamp pointer into an entry", "44 0c 09 01 00000000 00000000", 2],
    ["timestamps cut short", "44 03 05 00", 1],
    ["a second record route", "07 03 04 07 03 04 00 00", 3],
    ["a second source route", "83 03 04 89 03 04 00 00", 3],
    ["a second timestamp", "44 04 05 00 44 04 05 00", 4],
  ])("%s", (_name, text, at) => {
    expect(reading(text)).toMatchObject({ problem: "ip-bad-options", malformedAt: at });
  });
});

describe("recording on the way", () => {
  test("an address goes where the pointer points, until there is no room", () => {
    const bytes = bytesOf("07 0b 04 00000000 00000000 ee");
    for (const text of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) recordAddress(bytes, 0, ip(text));
    expect(hex(bytes)).toBe("070b0c0a0000010a000002ee");
    expect(recordedRoute(bytes, 0).map(String)).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  test("a time alone; without room the overflow counts to 15, and then the packet is to be dropped", () => {
    const bytes = bytesOf("44 08 05 00 00000000 ee");
    expect(recordTimestamp(bytes, 0, ip("10.0.0.1"), 0x1234)).toBe(true);
    expect(hex(bytes)).toBe("4408090000001234ee");
    for (let i = 0; i < 15; i++) expect(recordTimestamp(bytes, 0, ip("10.0.0.1"), 1)).toBe(true);
    expect(hex(bytes)).toBe("440809f000001234ee");
    expect(recordTimestamp(bytes, 0, ip("10.0.0.1"), 1)).toBe(false);
  });

  test("an address with its time", () => {
    const bytes = bytesOf("44 0c 05 01 00000000 00000000");
    expect(recordTimestamp(bytes, 0, ip("10.0.0.1"), 0x1234)).toBe(true);
    expect(hex(bytes)).toBe("440c0d010a00000100001234");
  });

  test("a time for the listed host alone", () => {
    const bytes = bytesOf("44 0c 05 03 0a000001 00000000");
    expect(recordTimestamp(bytes, 0, ip("10.0.0.9"), 7)).toBe(true);
    expect(hex(bytes)).toBe("440c05030a00000100000000");
    expect(recordTimestamp(bytes, 0, ip("10.0.0.1"), 7)).toBe(true);
    expect(hex(bytes)).toBe("440c0d030a00000100000007");
  });
});

test.each(GOOD)("%s is good", text => {
  expect(reading(text).problem).toBeUndefined();
});

test("arbitrary bytes never throw, and none outside is read; what was accepted is recorded inside", () => {
  survivesAnyBytes(fc.constantFrom(...GOOD).map(bytesOf), (bytes, start, end) => {
    const options = new Ipv4Options();
    const problem = options.read(bytes, start, end);
    if (problem === undefined) {
      for (const at of [options.recordRouteAt, options.sourceRouteAt]) if (at >= 0) recordedRoute(bytes, at);
      if (options.recordRouteAt >= 0) recordAddress(bytes, options.recordRouteAt, ip("10.0.0.1"));
      if (options.timestampAt >= 0) recordTimestamp(bytes, options.timestampAt, ip("10.0.0.1"), 1);
    }
    return { problem, ...options, bytes: Array.from({ length: end - start }, (_, i) => bytes[start + i]) };
  });
});
