import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeUint16 } from "../../base/bytes.ts";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { ip } from "../../wire/address.ts";
import { Ipv4Header } from "../../wire/ipv4.ts";
import { Ipv6Header } from "../../wire/ipv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { IcmpError } from "../transport.ts";
import { writeIcmpv4Error, writeIcmpv6Error } from "./error-messages.ts";
import { readIcmpv4Error, readIcmpv6Error } from "./received-errors.ts";

const ROUTER_V4 = ip("198.51.100.1");
const ROUTER_V6 = ip("2001:db8:ffff::1");
const PORTS = [0x30, 0x39, 0x00, 0x35, 0, 16, 0xab, 0xcd];

function errorV4(type: number, code: number, parameter = 0, header = new Ipv4Header()): PacketBuffer {
  header.source = ip("192.0.2.2");
  header.destination = ip("192.0.2.1");
  header.protocol = IP_PROTOCOL.udp;
  header.totalLength = 20 + ((header.options.length + 3) & ~3) + 16;
  const bytes = new Uint8Array(header.totalLength);
  bytes.set(PORTS, header.write(bytes, 0));
  const offending = PacketBuffer.from(bytes);
  offending.network = offending.start;
  const reply = new PacketBuffer(2_048);
  writeIcmpv4Error(reply, offending, type, code, parameter);
  return reply;
}

function errorV6(type: number, code: number, parameter = 0, extensions: number[] = []): PacketBuffer {
  const header = new Ipv6Header();
  header.source = ip("2001:db8::2");
  header.destination = ip("2001:db8::1");
  header.nextHeader = extensions.length > 0 ? IP_PROTOCOL.fragment : IP_PROTOCOL.udp;
  header.payloadLength = extensions.length + 16;
  const bytes = new Uint8Array(40 + header.payloadLength);
  const at = header.write(bytes, 0);
  bytes.set(extensions, at);
  bytes.set(PORTS, at + extensions.length);
  const offending = PacketBuffer.from(bytes);
  offending.network = offending.start;
  const reply = new PacketBuffer(2_048);
  writeIcmpv6Error(reply, offending, type, code, parameter, ROUTER_V6, header.source);
  return reply;
}

function readV4(packet: PacketBuffer): IcmpError | string {
  return readIcmpv4Error(packet.bytes, packet.start, packet.end, ROUTER_V4);
}

function readV6(packet: PacketBuffer): IcmpError | string {
  return readIcmpv6Error(packet.bytes, packet.start, packet.end, ROUTER_V6);
}

function meaning(error: IcmpError | string): unknown {
  return typeof error === "string" ? error : [error.kind, error.code];
}

describe("ICMPv4", () => {
  test("the quoted packet tells whose it was", () => {
    const error = readV4(errorV4(3, 3)) as IcmpError;
    expect(error).toMatchObject({
      kind: "port-unreachable",
      type: 3,
      icmpCode: 3,
      protocol: IP_PROTOCOL.udp,
      mtu: 0,
    });
    expect([error.reporter, error.local, error.remote].map(String)).toEqual([
      "198.51.100.1",
      "192.0.2.2",
      "192.0.2.1",
    ]);
    expect([...error.quote.subarray(0, 8)]).toEqual(PORTS);
  });

  test("options of the quoted packet are passed over", () => {
    const header = new Ipv4Header();
    header.options = Uint8Array.from([1, 1, 1, 0]);
    const error = readV4(errorV4(3, 3, 0, header)) as IcmpError;
    expect([...error.quote.subarray(0, 8)]).toEqual(PORTS);
  });

  test.each([
    [3, 0, "network-unreachable", "ENETUNREACH"],
    [3, 1, "host-unreachable", "EHOSTUNREACH"],
    [3, 2, "protocol-unreachable", "ENOPROTOOPT"],
    [3, 3, "port-unreachable", "ECONNREFUSED"],
    [3, 4, "packet-too-big", "EMSGSIZE"],
    [3, 5, "host-unreachable", "EOPNOTSUPP"],
    [3, 10, "prohibited", "EHOSTUNREACH"],
    [3, 13, "prohibited", "EHOSTUNREACH"],
    [4, 0, "source-quench", "ENOBUFS"],
    [11, 0, "time-exceeded", "EHOSTUNREACH"],
    [11, 1, "time-exceeded", "EHOSTUNREACH"],
    [12, 0, "parameter-problem", "EPROTO"],
  ])("type %i code %i: %s, %s", (type, code, kind, errorCode) => {
    expect(meaning(readV4(errorV4(type, code)))).toEqual([kind, errorCode]);
  });

  test("fragmentation needed carries the next hop's MTU in its last 16 bits (RFC 1191 §4)", () => {
    expect(readV4(errorV4(3, 4, 0x7777_0578))).toMatchObject({ mtu: 1_400 });
    expect(readV4(errorV4(3, 4, 0))).toMatchObject({ mtu: 0 });
    expect(readV4(errorV4(3, 1, 1_400))).toMatchObject({ mtu: 0 });
  });

  test("what names no socket is not an error for one", () => {
    expect(readV4(errorV4(3, 16))).toBe("icmp-unknown-type");
    expect(readV4(errorV4(5, 0))).toBe("icmp-unknown-type");
    const later = new Ipv4Header();
    later.fragmentOffset = 8;
    expect(readV4(errorV4(3, 3, 0, later))).toBe("icmp-no-socket");
    const cut = errorV4(3, 3);
    cut.end = cut.start + 8 + 20 + 7;
    expect(readV4(cut)).toBe("icmp-truncated");
  });
});

describe("ICMPv6", () => {
  test("the quoted packet tells whose it was, behind the header of a first fragment too (RFC 4443 §5.2)", () => {
    const fragment = [IP_PROTOCOL.udp, 0, 0, 1, 0, 0, 0, 9];
    for (const extensions of [[], fragment]) {
      const error = readV6(errorV6(1, 4, 0, extensions)) as IcmpError;
      expect(error).toMatchObject({
        kind: "port-unreachable",
        type: 1,
        icmpCode: 4,
        protocol: IP_PROTOCOL.udp,
      });
      expect([error.reporter, error.local, error.remote].map(String)).toEqual([
        "2001:db8:ffff::1",
        "2001:db8::2",
        "2001:db8::1",
      ]);
      expect([...error.quote.subarray(0, 8)]).toEqual(PORTS);
    }
    expect(readV6(errorV6(1, 4, 0, [IP_PROTOCOL.udp, 0, 0, 8, 0, 0, 0, 9]))).toBe("icmp-no-socket");
  });

  test.each([
    [1, 0, "network-unreachable", "ENETUNREACH"],
    [1, 1, "prohibited", "EACCES"],
    [1, 2, "host-unreachable", "EHOSTUNREACH"],
    [1, 3, "host-unreachable", "EHOSTUNREACH"],
    [1, 4, "port-unreachable", "ECONNREFUSED"],
    [1, 5, "prohibited", "EACCES"],
    [1, 6, "prohibited", "EACCES"],
    [2, 0, "packet-too-big", "EMSGSIZE"],
    [3, 0, "time-exceeded", "EHOSTUNREACH"],
    [4, 0, "parameter-problem", "EPROTO"],
    [4, 1, "protocol-unreachable", "EPROTO"],
  ])("type %i code %i: %s, %s", (type, code, kind, errorCode) => {
    expect(meaning(readV6(errorV6(type, code)))).toEqual([kind, errorCode]);
  });

  test("packet too big carries an MTU of 32 bits (RFC 4443 §3.2)", () => {
    expect(readV6(errorV6(2, 0, 0xffff_ffff))).toMatchObject({ mtu: 0xffff_ffff });
    expect(readV6(errorV6(3, 0, 1_400))).toMatchObject({ mtu: 0 });
  });
});

describe("what an error quotes ends where the packet that it quotes ended", () => {
  test("the quote is no longer than the quoted IP header says (RFC 4884 §5.4: extensions stand behind it)", () => {
    const v4 = errorV4(3, 3);
    writeUint16(v4.bytes, v4.start + 8 + 2, 20 + 9);
    expect((readV4(v4) as IcmpError).quote).toHaveLength(9);
    const v6 = errorV6(1, 4);
    writeUint16(v6.bytes, v6.start + 8 + 4, 9);
    expect((readV6(v6) as IcmpError).quote).toHaveLength(9);
  });

  test("nor than the message, whatever lies behind it", () => {
    const v4 = errorV4(3, 3);
    v4.end = v4.start + 8 + 20 + 8;
    expect((readV4(v4) as IcmpError).quote).toHaveLength(8);
    const v6 = errorV6(1, 4);
    v6.end = v6.start + 8 + 40 + 8;
    expect((readV6(v6) as IcmpError).quote).toHaveLength(8);
  });

  test.each([
    ["the ports are not there", 7],
    ["its IP header is not there", -1],
  ])("%s: no socket can be found", (_, quoted) => {
    const v4 = errorV4(3, 3);
    v4.end = v4.start + 8 + 20 + quoted;
    expect(readV4(v4)).toBe("icmp-truncated");
    const v6 = errorV6(1, 4);
    v6.end = v6.start + 8 + 40 + quoted;
    expect(readV6(v6)).toBe("icmp-truncated");
  });

  test("ICMPv4 quotes IPv4 with a whole header, ICMPv6 quotes IPv6", () => {
    for (const firstByte of [0x65, 0x44]) {
      const v4 = errorV4(3, 3);
      v4.bytes[v4.start + 8] = firstByte;
      expect(readV4(v4)).toBe("icmp-malformed");
    }
    const v6 = errorV6(1, 4);
    v6.bytes[v6.start + 8] = 0x45;
    expect(readV6(v6)).toBe("icmp-malformed");
  });

  test("an ICMPv6 type or code that is no error's reports none", () => {
    expect(readV6(errorV6(1, 7))).toBe("icmp-unknown-type");
    expect(readV6(errorV6(5, 0))).toBe("icmp-unknown-type");
  });
});

test("any bytes are an error or a reason, and nothing outside of the message is read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(1, 2, 3, 4, 11, 12), (bytes, type) => {
      const message = Uint8Array.from([type, 0, 0, 0, 0, 0, 0, 0, ...bytes]);
      for (const version of [0x45, 0x4f, 0x60]) {
        if (message.length > 8) message[8] = version;
        for (const read of [readIcmpv4Error, readIcmpv6Error]) {
          const error = read(message, 0, message.length, ROUTER_V4);
          if (typeof error === "string") continue;
          expect(error.quote.length).toBeGreaterThanOrEqual(8);
          expect(error.quote.byteOffset + error.quote.length).toBeLessThanOrEqual(message.length);
        }
      }
    }),
  );
});
