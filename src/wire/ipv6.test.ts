import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv6Address, survivesAnyBytes, uint8, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ip } from "./address.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "./ipv6.ts";

const header = (): fc.Arbitrary<Ipv6Header> =>
  fc
    .record({
      trafficClass: uint8(),
      flowLabel: fc.nat(0xfffff),
      payloadLength: uint16(),
      nextHeader: uint8(),
      hopLimit: uint8(),
      source: ipv6Address(),
      destination: ipv6Address(),
    })
    .map(values => Object.assign(new Ipv6Header(), values));
const bytesOf = (of: Ipv6Header): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("the fields stand where RFC 8200 §3 draws them", () => {
  const one = new Ipv6Header();
  one.trafficClass = 0xab;
  one.flowLabel = 0xcdef1;
  one.payloadLength = 0x2345;
  one.nextHeader = 58;
  one.hopLimit = 255;
  one.source = ip("2001:db8::1");
  one.destination = ip("ff02::2");
  expect(hex(bytesOf(one))).toBe(
    "6abcdef123453aff20010db8000000000000000000000001ff020000000000000000000000000002",
  );
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(header(), before => {
      const bytes = new Uint8Array(IPV6_HEADER_SIZE + before.payloadLength);
      bytes.set(bytesOf(before));
      const after = new Ipv6Header();
      expect(after.read(bytes, 0, bytes.length)).toBeUndefined();
      expect({ ...after }).toEqual({ ...before });
    }),
    { numRuns: 60 },
  );
});

test("a packet without payload is good", () => {
  expect(new Ipv6Header().read(bytesOf(new Ipv6Header()), 0, 40)).toBeUndefined();
});

test("bytes behind the payload length are the link's padding", () => {
  const bytes = new Uint8Array(60);
  bytes.set(bytesOf(new Ipv6Header()));
  expect(new Ipv6Header().read(bytes, 0, 60)).toBeUndefined();
});

describe("refused", () => {
  test("a header cut off", () => {
    expect(new Ipv6Header().read(bytesOf(new Ipv6Header()), 0, 39)).toBe("ip-truncated");
    expect(new Ipv6Header().read(new Uint8Array(0), 0, 0)).toBe("ip-truncated");
  });

  test("another version, told even from one byte", () => {
    expect(new Ipv6Header().read(Uint8Array.of(0x45), 0, 1)).toBe("ip-bad-version");
  });

  test("a payload length past the packet; but an ICMP error may quote less", () => {
    const one = new Ipv6Header();
    one.payloadLength = 9;
    const bytes = new Uint8Array(48);
    bytes.set(bytesOf(one));
    const after = new Ipv6Header();
    expect(after.read(bytes, 0, 48)).toBe("ip-bad-total-length");
    expect(after.readQuoted(bytes, 0, 48)).toBeUndefined();
    expect(after.payloadLength).toBe(9);
  });
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new Ipv6Header();
    const problem = after.read(bytes, start, end);
    return { problem, quoted: after.readQuoted(bytes, start, end), ...after };
  });
});
