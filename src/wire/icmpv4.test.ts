import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { int32, survivesAnyBytes, uint8, uint16, written } from "../../test/support/codec.ts";
import { hex, writeUint16 } from "../base/bytes.ts";
import {
  ICMPV4_TYPE,
  ICMPV4_UNREACHABLE,
  Icmpv4Header,
  icmpv4Checksum,
  icmpv4Text,
  isIcmpv4Error,
} from "./icmpv4.ts";

const header = (): fc.Arbitrary<Icmpv4Header> =>
  fc
    .record({ type: uint8(), code: uint8(), checksum: uint16(), rest: int32() })
    .map(values => Object.assign(new Icmpv4Header(), values));
const bytesOf = (of: Icmpv4Header): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("the fields stand where RFC 792 draws them", () => {
  const one = new Icmpv4Header();
  one.type = ICMPV4_TYPE.echoRequest;
  one.checksum = 0x1234;
  one.sequence = 0xdef0;
  one.identifier = 0x9abc;
  expect(hex(bytesOf(one))).toBe("080012349abcdef0");
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(header(), before => {
      const after = new Icmpv4Header();
      expect(after.read(bytesOf(before), 0, 8)).toBeUndefined();
      expect(after).toEqual(before);
    }),
  );
});

test("a message cut off is refused", () => {
  expect(new Icmpv4Header().read(new Uint8Array(8), 0, 7)).toBe("icmp-truncated");
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new Icmpv4Header();
    return { problem: after.read(bytes, start, end), ...after };
  });
});

describe("the second word", () => {
  test("identifier and sequence of an echo are set one without the other", () => {
    fc.assert(
      fc.property(int32(), uint16(), uint16(), (rest, identifier, sequence) => {
        const one = Object.assign(new Icmpv4Header(), { rest });
        one.identifier = identifier;
        expect(one.sequence).toBe(rest & 0xffff);
        one.sequence = sequence;
        expect([one.identifier, one.sequence]).toEqual([identifier, sequence]);
        expect(one.rest).toBe(one.rest | 0);
      }),
    );
  });

  test("the next hop's MTU stands in its low half, the high one is zero (RFC 1191 §4)", () => {
    const one = Object.assign(new Icmpv4Header(), { type: 3, code: 4, rest: -1 });
    one.mtu = 1400;
    expect(hex(bytesOf(one))).toBe("0304000000000578");
    expect(one.mtu).toBe(1400);
  });

  test("the pointer of a parameter problem is its top octet (RFC 792)", () => {
    const one = Object.assign(new Icmpv4Header(), { type: 12 });
    one.pointer = 200;
    expect(hex(bytesOf(one))).toBe("0c000000c8000000");
    expect(one.pointer).toBe(200);
  });
});

test("the checksum covers the message alone, and verifies as 0", () => {
  fc.assert(
    fc.property(header(), fc.uint8Array({ maxLength: 30 }), (before, data) => {
      before.checksum = 0;
      const bytes = new Uint8Array(8 + data.length);
      bytes.set(data, before.write(bytes, 0));
      fc.pre(bytes.some(byte => byte !== 0));
      writeUint16(bytes, 2, icmpv4Checksum(bytes, 0, bytes.length));
      expect(icmpv4Checksum(bytes, 0, bytes.length)).toBe(0);
    }),
  );
});

test("errors are the messages that quote a packet (RFC 1122 §3.2.2)", () => {
  const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpv4Error);
  expect(errors).toEqual([3, 4, 5, 11, 12]);
});

test.each([
  [ICMPV4_TYPE.echoRequest, 0, "echo request"],
  [ICMPV4_TYPE.destinationUnreachable, ICMPV4_UNREACHABLE.port, "port unreachable"],
  [ICMPV4_TYPE.destinationUnreachable, ICMPV4_UNREACHABLE.precedenceCutoff, "precedence cutoff"],
  [ICMPV4_TYPE.destinationUnreachable, 99, "destination unreachable, code 99"],
  [ICMPV4_TYPE.timeExceeded, 0, "time to live exceeded"],
  [ICMPV4_TYPE.timeExceeded, 1, "reassembly time exceeded"],
  [ICMPV4_TYPE.timeExceeded, 2, "time exceeded, code 2"],
  [ICMPV4_TYPE.redirect, 1, "redirect, code 1"],
  [77, 0, "type 77"],
])("type %i, code %i is called %s", (type, code, text) => {
  expect(icmpv4Text(type, code)).toBe(text);
});

test("types and codes are IANA's, and each has its name", () => {
  const names = Object.values(ICMPV4_TYPE).map(
    type => `${type} ${icmpv4Text(type, 77).replace(", code 77", "")}`,
  );
  expect(names).toEqual([
    "0 echo reply",
    "3 destination unreachable",
    "4 source quench",
    "5 redirect",
    "8 echo request",
    "9 router advertisement",
    "10 router solicitation",
    "11 time exceeded",
    "12 parameter problem",
    "13 timestamp request",
    "14 timestamp reply",
    "15 information request",
    "16 information reply",
    "17 address mask request",
    "18 address mask reply",
  ]);
  const codes = Object.entries(ICMPV4_UNREACHABLE).map(([name, code]) => `${name}: ${icmpv4Text(3, code)}`);
  expect(codes).toEqual([
    "network: network unreachable",
    "host: host unreachable",
    "protocol: protocol unreachable",
    "port: port unreachable",
    "fragmentationNeeded: fragmentation needed",
    "sourceRouteFailed: source route failed",
    "networkUnknown: network unknown",
    "hostUnknown: host unknown",
    "hostIsolated: source host isolated",
    "networkProhibited: network prohibited",
    "hostProhibited: host prohibited",
    "networkUnreachableForTos: network unreachable for TOS",
    "hostUnreachableForTos: host unreachable for TOS",
    "prohibited: communication prohibited",
    "precedenceViolation: host precedence violation",
    "precedenceCutoff: precedence cutoff",
  ]);
});
