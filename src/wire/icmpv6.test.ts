import fc from "fast-check";
import { expect, test } from "vitest";
import { int32, ipv6Address, survivesAnyBytes, uint8, uint16, written } from "../../test/support/codec.ts";
import { hex, writeUint16 } from "../base/bytes.ts";
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TYPE,
  ICMPV6_UNREACHABLE,
  Icmpv6Header,
  icmpv6Checksum,
  icmpv6Text,
  isIcmpv6Error,
} from "./icmpv6.ts";

const header = (): fc.Arbitrary<Icmpv6Header> =>
  fc
    .record({ type: uint8(), code: uint8(), checksum: uint16(), rest: int32() })
    .map(values => Object.assign(new Icmpv6Header(), values));
const bytesOf = (of: Icmpv6Header): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("what is written is read again", () => {
  fc.assert(
    fc.property(header(), before => {
      const after = new Icmpv6Header();
      expect(after.read(bytesOf(before), 0, 8)).toBeUndefined();
      expect(after).toEqual(before);
    }),
  );
});

test("MTU and pointer take the whole second word (RFC 4443 §3.2, §3.4)", () => {
  const one = Object.assign(new Icmpv6Header(), { type: ICMPV6_TYPE.packetTooBig });
  one.mtu = 0xffff_fffe;
  expect(hex(bytesOf(one))).toBe("02000000fffffffe");
  expect(one.mtu).toBe(0xffff_fffe);
  one.pointer = 0x8000_0028;
  expect(one.pointer).toBe(0x8000_0028);
  expect(one.rest).toBe(0x8000_0028 | 0);
});

test("a message cut off is refused", () => {
  expect(new Icmpv6Header().read(new Uint8Array(8), 0, 7)).toBe("icmp-truncated");
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new Icmpv6Header();
    return { problem: after.read(bytes, start, end), ...after };
  });
});

test("the checksum covers the pseudo-header (RFC 4443 §2.3), and verifies as 0", () => {
  fc.assert(
    fc.property(ipv6Address(), ipv6Address(), header(), (from, to, before) => {
      before.checksum = 0;
      const bytes = bytesOf(before);
      writeUint16(bytes, 2, icmpv6Checksum(from, to, bytes, 0, 8));
      expect(icmpv6Checksum(from, to, bytes, 0, 8)).toBe(0);
      bytes[5] = (bytes[5] as number) ^ 1;
      expect(icmpv6Checksum(from, to, bytes, 0, 8)).not.toBe(0);
    }),
  );
});

test("errors have the high bit of the type clear (RFC 4443 §2.1)", () => {
  expect([1, 2, 3, 4, 127, 128, 135, 255].filter(isIcmpv6Error)).toEqual([1, 2, 3, 4, 127]);
});

test.each([
  [ICMPV6_TYPE.echoReply, 0, "echo reply"],
  [ICMPV6_TYPE.destinationUnreachable, ICMPV6_UNREACHABLE.port, "port unreachable"],
  [ICMPV6_TYPE.destinationUnreachable, ICMPV6_UNREACHABLE.rejectRoute, "reject route"],
  [ICMPV6_TYPE.destinationUnreachable, 99, "destination unreachable, code 99"],
  [ICMPV6_TYPE.parameterProblem, ICMPV6_PARAMETER_PROBLEM.unknownOption, "unrecognized option"],
  [ICMPV6_TYPE.timeExceeded, 0, "hop limit exceeded"],
  [ICMPV6_TYPE.timeExceeded, 1, "reassembly time exceeded"],
  [ICMPV6_TYPE.timeExceeded, 7, "time exceeded, code 7"],
  [ICMPV6_TYPE.neighborSolicitation, 0, "neighbor solicitation"],
  [200, 3, "type 200, code 3"],
])("type %i, code %i is called %s", (type, code, text) => {
  expect(icmpv6Text(type, code)).toBe(text);
});

test("types and codes are IANA's, and each has its name", () => {
  const names = Object.values(ICMPV6_TYPE).map(
    type => `${type} ${icmpv6Text(type, 77).replace(", code 77", "")}`,
  );
  expect(names).toEqual([
    "1 destination unreachable",
    "2 packet too big",
    "3 time exceeded",
    "4 parameter problem",
    "128 echo request",
    "129 echo reply",
    "130 multicast listener query",
    "131 multicast listener report",
    "132 multicast listener done",
    "133 router solicitation",
    "134 router advertisement",
    "135 neighbor solicitation",
    "136 neighbor advertisement",
    "137 redirect",
    "143 multicast listener report v2",
  ]);
  const codes = Object.entries(ICMPV6_UNREACHABLE).map(([name, code]) => `${name}: ${icmpv6Text(1, code)}`);
  expect(codes).toEqual([
    "noRoute: no route",
    "prohibited: communication prohibited",
    "beyondScope: beyond scope of source address",
    "address: address unreachable",
    "port: port unreachable",
    "failedPolicy: source address failed policy",
    "rejectRoute: reject route",
  ]);
});
