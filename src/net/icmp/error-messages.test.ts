import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE, Icmpv4Header, icmpv4Checksum } from "../../wire/icmpv4.ts";
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TYPE,
  ICMPV6_UNREACHABLE,
  icmpv6Checksum,
} from "../../wire/icmpv6.ts";
import { Ipv4Header } from "../../wire/ipv4.ts";
import { Ipv6Header } from "../../wire/ipv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { mayAnswerIpv4, mayAnswerIpv6, writeIcmpv4Error, writeIcmpv6Error } from "./error-messages.ts";

interface Made {
  source?: string;
  destination?: string;
  protocol?: number;
  fragmentOffset?: number;
  payload?: number[];
}

function v4(made: Made = {}): PacketBuffer {
  const header = new Ipv4Header();
  const payload = made.payload ?? new Array<number>(16).fill(1);
  header.source = ip(made.source ?? "192.0.2.1");
  header.destination = ip(made.destination ?? "192.0.2.2");
  header.protocol = made.protocol ?? IP_PROTOCOL.udp;
  header.fragmentOffset = made.fragmentOffset ?? 0;
  header.totalLength = 20 + payload.length;
  const bytes = new Uint8Array(header.totalLength);
  bytes.set(payload, header.write(bytes, 0));
  return received(bytes);
}

function v6(made: Made = {}): PacketBuffer {
  const header = new Ipv6Header();
  const payload = made.payload ?? new Array<number>(16).fill(1);
  header.source = ip(made.source ?? "2001:db8::1");
  header.destination = ip(made.destination ?? "2001:db8::2");
  header.nextHeader = made.protocol ?? IP_PROTOCOL.udp;
  header.payloadLength = payload.length;
  const bytes = new Uint8Array(40 + payload.length);
  bytes.set(payload, header.write(bytes, 0));
  return received(bytes);
}

function received(bytes: Uint8Array): PacketBuffer {
  const packet = PacketBuffer.from(bytes);
  packet.network = packet.start;
  return packet;
}

/** The first `length` bytes; what was behind them still lies in the buffer. */
function cutTo(packet: PacketBuffer, length: number): PacketBuffer {
  packet.end = packet.network + length;
  return packet;
}

describe("writing", () => {
  test("an ICMPv4 error quotes as much as fits 576 bytes (RFC 1812 §4.3.2.3)", () => {
    const reply = new PacketBuffer(2_048);
    const long = v4({ payload: new Array<number>(1_000).fill(7) });
    writeIcmpv4Error(
      reply,
      long,
      ICMPV4_TYPE.destinationUnreachable,
      ICMPV4_UNREACHABLE.fragmentationNeeded,
      1_400,
    );
    expect(reply.length).toBe(576 - 20);
    expect(icmpv4Checksum(reply.bytes, reply.start, reply.end)).toBe(0);
    const header = new Icmpv4Header();
    expect(header.read(reply.bytes, reply.start, reply.end)).toBeUndefined();
    expect([header.type, header.code, header.mtu]).toEqual([3, 4, 1_400]);
    expect(reply.view().slice(8)).toEqual(long.view().slice(0, 548));
  });

  test("a short packet is quoted whole, without the link's header before it", () => {
    const reply = new PacketBuffer(2_048);
    const short = v4();
    short.start -= 14;
    writeIcmpv4Error(reply, short, ICMPV4_TYPE.timeExceeded, 0, 0);
    expect(reply.view().slice(8)).toEqual(short.bytes.slice(short.network, short.end));
  });

  test("an ICMPv6 error fits 1280 bytes, and its checksum covers the addresses (RFC 4443 §2.3, §2.4 c)", () => {
    const reply = new PacketBuffer(2_048);
    const long = v6({ payload: new Array<number>(3_000).fill(7) });
    const [from, to] = [ip("2001:db8::2"), ip("2001:db8::1")] as [IpAddress, IpAddress];
    writeIcmpv6Error(reply, long, ICMPV6_TYPE.packetTooBig, 0, 1_300, from, to);
    expect(reply.length).toBe(1_280 - 40);
    expect(icmpv6Checksum(from, to, reply.bytes, reply.start, reply.end)).toBe(0);
    expect([...reply.view().slice(0, 2), ...reply.view().slice(4, 8)]).toEqual([2, 0, 0, 0, 0x05, 0x14]);
  });
});

describe("whether an ICMPv4 error may answer (RFC 1122 §3.2.2)", () => {
  test("an ordinary packet, yes", () => {
    expect(mayAnswerIpv4(v4(), false)).toBe(true);
    expect(mayAnswerIpv4(v4({ source: "127.0.0.1", destination: "127.0.0.1" }), false)).toBe(true);
  });

  test("never an ICMP error, but an echo request", () => {
    const icmp = (type: number): PacketBuffer =>
      v4({ protocol: IP_PROTOCOL.icmpv4, payload: [type, 0, 0, 0, 0, 0, 0, 0] });
    for (const type of [3, 4, 5, 11, 12, 40, 255]) expect(mayAnswerIpv4(icmp(type), false)).toBe(false);
    for (const type of [0, 8, 13, 17, 18]) expect(mayAnswerIpv4(icmp(type), false)).toBe(true);
  });

  test("never ICMP that is cut off before its type, nor less than an IP header, whatever lies behind it", () => {
    const echo = v4({ protocol: IP_PROTOCOL.icmpv4, payload: [8, 0, 0, 0, 0, 0, 0, 0] });
    expect(mayAnswerIpv4(cutTo(echo, 21), false)).toBe(true);
    expect(mayAnswerIpv4(cutTo(echo, 20), false)).toBe(false);
    expect(mayAnswerIpv4(cutTo(v4(), 20), false)).toBe(true);
    expect(mayAnswerIpv4(cutTo(v4(), 19), false)).toBe(false);
  });

  test("never a fragment other than the first", () => {
    expect(mayAnswerIpv4(v4({ fragmentOffset: 8 }), false)).toBe(false);
  });

  test("never what went to many, by its IP or its link address", () => {
    expect(mayAnswerIpv4(v4({ destination: "224.0.0.1" }), false)).toBe(false);
    expect(mayAnswerIpv4(v4({ destination: "255.255.255.255" }), false)).toBe(false);
    expect(mayAnswerIpv4(v4(), true)).toBe(false);
  });

  test.each(["0.0.0.0", "0.255.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255"])(
    "never to %s, which is no single host",
    source => {
      expect(mayAnswerIpv4(v4({ source }), false)).toBe(false);
    },
  );

  test.each(["1.0.0.1", "223.255.255.254"])("to %s, the first and last of the single hosts", source => {
    expect(mayAnswerIpv4(v4({ source }), false)).toBe(true);
  });
});

describe("whether an ICMPv6 error may answer (RFC 4443 §2.4 e)", () => {
  const { destinationUnreachable, packetTooBig, parameterProblem } = ICMPV6_TYPE;
  const { erroneousField, unknownOption } = ICMPV6_PARAMETER_PROBLEM;
  const unreachable = (packet: PacketBuffer, isGroup = false): boolean =>
    mayAnswerIpv6(packet, isGroup, destinationUnreachable, ICMPV6_UNREACHABLE.port);

  test("an ordinary packet, yes", () => {
    expect(unreachable(v6())).toBe(true);
  });

  test("never an ICMPv6 error or redirect, behind extension headers either; but an echo request", () => {
    const icmp = (type: number): PacketBuffer =>
      v6({ protocol: IP_PROTOCOL.icmpv6, payload: [type, 0, 0, 0] });
    for (const type of [1, 2, 3, 4, 100, 127, 137]) expect(unreachable(icmp(type))).toBe(false);
    for (const type of [128, 129, 135]) expect(unreachable(icmp(type))).toBe(true);
    const options = [IP_PROTOCOL.icmpv6, 0, 1, 4, 0, 0, 0, 0];
    expect(unreachable(v6({ protocol: IP_PROTOCOL.destinationOptions, payload: [...options, 1, 0] }))).toBe(
      false,
    );
    expect(unreachable(v6({ protocol: IP_PROTOCOL.destinationOptions, payload: [...options, 128, 0] }))).toBe(
      true,
    );
  });

  test("a later fragment, unless it may be of an ICMPv6 error (RFC 8200 §4.5 has errors about them)", () => {
    // What begins in its middle looks like an echo request.
    const fragment = (next: number): number[] => [next, 0, 0, 8, 0, 0, 0, 1, 128, 0];
    const { udp, icmpv6, fragment: protocol } = IP_PROTOCOL;
    expect(
      mayAnswerIpv6(v6({ protocol, payload: fragment(udp) }), false, parameterProblem, erroneousField),
    ).toBe(true);
    expect(mayAnswerIpv6(v6({ protocol, payload: fragment(icmpv6) }), false, packetTooBig, 0)).toBe(false);
  });

  test("never ICMPv6 that is cut off before its type, nor less than an IP header, whatever lies behind it", () => {
    const echo = v6({ protocol: IP_PROTOCOL.icmpv6, payload: [128, 0, 0, 0] });
    expect(unreachable(cutTo(echo, 41))).toBe(true);
    expect(unreachable(cutTo(echo, 40))).toBe(false);
    expect(unreachable(cutTo(v6(), 40))).toBe(true);
    expect(unreachable(cutTo(v6(), 39))).toBe(false);
  });

  test("never what went to many, but for packet too big and an unknown option", () => {
    for (const [packet, isGroup] of [
      [v6({ destination: "ff02::1" }), false],
      [v6(), true],
    ] as const) {
      expect(unreachable(packet, isGroup)).toBe(false);
      expect(mayAnswerIpv6(packet, isGroup, parameterProblem, erroneousField)).toBe(false);
      // The number of "unknown option", of another type.
      expect(mayAnswerIpv6(packet, isGroup, destinationUnreachable, unknownOption)).toBe(false);
      expect(mayAnswerIpv6(packet, isGroup, parameterProblem, unknownOption)).toBe(true);
      expect(mayAnswerIpv6(packet, isGroup, packetTooBig, 0)).toBe(true);
    }
  });

  test.each(["::", "ff02::1"])("never to %s, which is no single host", source => {
    expect(mayAnswerIpv6(v6({ source }), false, packetTooBig, 0)).toBe(false);
  });
});
