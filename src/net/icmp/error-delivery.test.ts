import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type Bench, onEthernet } from "../net-bench.ts";
import { frame4, frame6, icmp, ipv4, ipv6, OUR_V4, OUR_V6, PEER_V4, PEER_V6 } from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const NOBODY = ip("10.0.0.77");
const NOBODY_V6 = ip("fd00::77");

/** Fragmentation needed or packet too big: 1,400 bytes, about a datagram of ours to the peer. */
const TOO_BIG = {
  4: frame4(
    ipv4(
      { protocol: IP_PROTOCOL.icmpv4 },
      icmp(3, 4, 1_400, ipv4({ source: OUR_V4, destination: PEER_V4 }, DATA)),
    ),
  ),
  6: frame6(
    ipv6(
      { nextHeader: IP_PROTOCOL.icmpv6 },
      icmp(2, 0, 1_400, ipv6({ source: OUR_V6, destination: PEER_V6 }, DATA), [PEER_V6, OUR_V6]),
    ),
  ),
};

function mtuTo(bench: Bench, family: 4 | 6): number {
  const path = bench.net.pathTo(family === 4 ? PEER_V4 : PEER_V6);
  if (typeof path === "string") throw new Error(path);
  return path.mtu;
}

describe.each([4, 6] as const)("what a router says of the path MTU, IPv%i", family => {
  test("holds for everybody once the transport that is quoted believes it", () => {
    const { bench } = onEthernet();
    bench.receive(1, TOO_BIG[family]);
    expect(mtuTo(bench, family)).toBe(1_400);
  });

  test("does not where that transport wants more proof, and lowers the path itself", () => {
    const { bench } = onEthernet();
    Object.assign(bench.udp, { judgesPathMtu: true });
    bench.receive(1, TOO_BIG[family]);
    expect(bench.udp.errors).toHaveLength(1);
    expect(mtuTo(bench, family)).toBe(1_500);
  });
});

describe("a neighbor of ours that does not answer (RFC 1122 §2.3.2.2, RFC 4861 §7.2.2)", () => {
  /** What a transport is told of packets that waited for a neighbor in vain. */
  function undeliverable(packet: Uint8Array): Bench {
    const { bench, net } = onEthernet();
    const { neighbors } = net.interfaces()[0] ?? {};
    const remote = (packet[0] as number) >>> 4 === 4 ? NOBODY : NOBODY_V6;
    neighbors?.send(neighbors.entry(remote), PacketBuffer.from(packet));
    bench.advance(seconds(4));
    expect(bench.drops).toContain("neighbor-failed");
    return bench;
  }

  test.each([
    ["IPv4", ipv4({ source: OUR_V4, destination: NOBODY }, DATA), [OUR_V4, NOBODY]],
    ["IPv6", ipv6({ source: OUR_V6, destination: NOBODY_V6 }, DATA), [OUR_V6, NOBODY_V6]],
  ])("is told to the transport that sent the packet, %s", (_, packet, [local, remote]) => {
    const { errors } = undeliverable(packet).udp;
    expect(errors).toMatchObject([
      { kind: "host-unreachable", code: "EHOSTUNREACH", local, remote, reporter: local, quote: DATA },
    ]);
  });

  test("behind a fragment header too", () => {
    const first = Uint8Array.of(IP_PROTOCOL.udp, 0, 0, 1, 0, 0, 0, 9, ...DATA);
    const nextHeader = IP_PROTOCOL.fragment;
    const { errors } = undeliverable(ipv6({ source: OUR_V6, destination: NOBODY_V6, nextHeader }, first)).udp;
    expect(errors).toMatchObject([{ protocol: IP_PROTOCOL.udp, quote: DATA }]);
  });

  const short = DATA.subarray(0, 7);
  const later = Uint8Array.of(IP_PROTOCOL.udp, 0, 0, 8, 0, 0, 0, 9, ...DATA);
  const nextHeader = IP_PROTOCOL.fragment;
  test.each([
    ["the ports of which are not there", ipv4({ source: OUR_V4, destination: NOBODY }, short)],
    ["the ports of which are not there, IPv6", ipv6({ source: OUR_V6, destination: NOBODY_V6 }, short)],
    ["a later fragment", ipv4({ source: OUR_V4, destination: NOBODY, fragmentOffset: 8 }, DATA)],
    ["a later fragment, IPv6", ipv6({ source: OUR_V6, destination: NOBODY_V6, nextHeader }, later)],
  ])("of %s nobody is told, on the wire neither", (_, packet) => {
    const bench = undeliverable(packet);
    expect(bench.udp.errors).toEqual([]);
    expect(bench.net.counters.icmpv4.errorsSent + bench.net.counters.icmpv6.errorsSent).toBe(0);
  });
});
