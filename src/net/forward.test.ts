import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { seconds } from "../base/time.ts";
import { FULL_OFFLOAD } from "../link/segmentation.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { ipv4ChecksumIsGood } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { BROADCAST_MAC, type MacAddress } from "../wire/mac-address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { Bench, type KeptDevice } from "./net-bench.ts";
import {
  frame4,
  frame6,
  ipv4,
  ipv6,
  OUR_MAC,
  PEER_MAC,
  PEER_V4,
  PEER_V6,
  readEthernet,
  readIcmp,
  readIpv4,
  readIpv6,
} from "./net-bench-packets.ts";
import type { NetOptions } from "./net-context.ts";

const DATA = new Uint8Array(100).fill(0x5a);
const SERVER = ip("10.1.0.9");
const SERVER_V6 = ip("fd01::9");
const SERVER_MAC = 0x0200_0000_0009 as MacAddress;
const SECOND_MAC = 0x0200_0000_0011 as MacAddress;

const ANYWHERE = {
  prefixLength: 0,
  gateway: undefined,
  interfaceIndex: 2,
  metric: 0,
  source: undefined,
  mtu: undefined,
};

/** 10.0.0.0/24 and fd00::/64 on interface 1, 10.1.0.0/24 and fd01::/64 on 2. */
function router(options: NetOptions = { forwarding: true }): {
  bench: Bench;
  near: KeptDevice;
  far: KeptDevice;
} {
  const bench = new Bench(options);
  const near = bench.ethernet("near", OUR_MAC, "10.0.0.1/24", "fd00::1/64");
  const far = bench.ethernet("far", SECOND_MAC, "10.1.0.1/24", "fd01::1/64");
  bench.knows(1, PEER_V4, PEER_MAC);
  bench.knows(1, PEER_V6, PEER_MAC);
  bench.knows(2, SERVER, SERVER_MAC);
  bench.knows(2, SERVER_V6, SERVER_MAC);
  return { bench, near, far };
}

const toServer = (fields: Parameters<typeof ipv4>[0] = {}, data = DATA): Uint8Array =>
  ipv4({ destination: SERVER, ...fields }, data);
const toServer6 = (fields: Parameters<typeof ipv6>[0] = {}, data = DATA): Uint8Array =>
  ipv6({ destination: SERVER_V6, ...fields }, data);

describe("IPv4 (RFC 1812 §5.2)", () => {
  test("a packet for another link goes on with one hop less", () => {
    const { bench, near, far } = router();
    expect(bench.receive(1, frame4(toServer({ identification: 77 })))).toBe(undefined);
    const sent = far.takeOne();
    expect(readEthernet(sent)).toMatchObject({ source: SECOND_MAC, destination: SERVER_MAC });
    expect(readIpv4(sent)).toMatchObject({
      source: PEER_V4,
      destination: SERVER,
      hopLimit: 63,
      identification: 77,
    });
    expect(ipv4ChecksumIsGood(sent, ETHERNET_HEADER_SIZE, 20)).toBe(true);
    expect(sent.subarray(34)).toEqual(DATA);
    expect(near.take()).toEqual([]);
    expect(bench.net.counters.ipv4.forwarded).toBe(1);
  });

  test("one that has two hops left has one left behind us", () => {
    const { bench, far } = router();
    expect(bench.receive(1, frame4(toServer({ hopLimit: 2 })))).toBe(undefined);
    expect(readIpv4(far.takeOne()).hopLimit).toBe(1);
    expect(bench.receive(1, frame6(toServer6({ hopLimit: 2 })))).toBe(undefined);
    expect(readIpv6(far.takeOne()).hopLimit).toBe(1);
  });

  test("an address of ours on another link is not forwarded to, whether it is ours from here or not", () => {
    const { bench, far } = router({ forwarding: true, hostModel: "strong" });
    expect(bench.receive(1, frame4(toServer({ destination: ip("10.1.0.1") })))).toBe("ip-not-for-us");
    expect(bench.receive(1, frame6(toServer6({ destination: ip("fd01::1") })))).toBe("ip-not-for-us");
    expect(far.take()).toEqual([]);
  });

  test("a host does not forward (RFC 1122 §3.3.1)", () => {
    const { bench, far } = router({ forwarding: false });
    expect(bench.receive(1, frame4(toServer()))).toBe("ip-not-for-us");
    expect(far.take()).toEqual([]);
  });

  test.each([
    ["the last hop: time exceeded (§5.3.1)", toServer({ hopLimit: 1 }), "ip-hop-limit-exceeded", 11, 0, 0],
    [
      "no route, and the last hop: network unreachable all the same",
      toServer({ destination: ip("192.0.2.1"), hopLimit: 1 }),
      "ip-no-route",
      3,
      0,
      0,
    ],
    [
      "no route: network unreachable (§5.2.7.1)",
      toServer({ destination: ip("192.0.2.1") }),
      "ip-no-route",
      3,
      0,
      0,
    ],
  ] as const)("%s, told from where it came in", (_, packet, reason, type, code, rest) => {
    const { bench, near } = router();
    expect(bench.receive(1, frame4(packet))).toBe(reason);
    const sent = near.takeOne();
    expect(readIpv4(sent)).toMatchObject({ source: ip("10.0.0.1"), destination: PEER_V4 });
    expect(readIcmp(sent)).toMatchObject({ type, code, rest });
  });

  test("too big for the next link: fragmentation needed, with its MTU (RFC 1191 §4)", () => {
    const { bench, near, far } = router();
    far.mtu = 576;
    const large = toServer({ dontFragment: true }, new Uint8Array(1_000));
    expect(bench.receive(1, frame4(large))).toBe("ip-too-big");
    expect(readIcmp(near.takeOne())).toMatchObject({ type: 3, code: 4, rest: 576 });
    expect(far.take()).toEqual([]);
  });

  test("too big but may be cut: fragments (§5.2.6)", () => {
    const { bench, far } = router();
    far.mtu = 576;
    expect(bench.receive(1, frame4(toServer({}, new Uint8Array(1_000))))).toBe(undefined);
    const sent = far.take().map(bytes => readIpv4(bytes));
    expect(sent.map(({ totalLength }) => totalLength)).toEqual([572, 468]);
    expect(sent.map(({ hopLimit }) => hopLimit)).toEqual([63, 63]);
    expect(bench.net.counters.ipv4).toMatchObject({ forwarded: 1, fragmented: 1, fragmentsSent: 2 });
  });

  test.each([
    ["a link-local source (RFC 3927 §7)", toServer({ source: ip("169.254.1.1") }), "ip-bad-source"],
    ["a link-local destination", toServer({ destination: ip("169.254.1.1") }), "ip-not-for-us"],
    ["a directed broadcast (RFC 2644)", toServer({ destination: ip("10.1.0.255") }), "ip-not-for-us"],
    ["a multicast", toServer({ destination: ip("239.1.2.3") }), "ip-not-for-us"],
    ["class E", toServer({ destination: ip("240.0.0.1") }), "ip-not-for-us"],
    ["this network (0/8)", toServer({ destination: ip("0.1.2.3") }), "ip-not-for-us"],
    ["a loopback destination", toServer({ destination: ip("127.0.0.1") }), "ip-bad-source"],
  ])("%s is not forwarded", (_, packet, reason) => {
    const { bench, far } = router();
    bench.tunnel("tun0", "203.0.113.1/24");
    expect(bench.receive(1, frame4(packet))).toBe(reason);
    expect(far.take()).toEqual([]);
  });

  test("what came to everybody on the link is not forwarded (§5.3.4)", () => {
    const { bench, far } = router();
    expect(bench.receive(1, frame4(toServer(), BROADCAST_MAC))).toBe("ip-not-for-us");
    expect(far.take()).toEqual([]);
  });

  test("a next hop that does not answer: host unreachable (§5.2.7.1)", () => {
    const { bench, near } = router();
    bench.receive(1, frame4(toServer({ destination: ip("10.1.0.77") })));
    bench.advance(seconds(4));
    const sent = near.take().filter(bytes => readEthernet(bytes).type === 0x0800);
    expect(sent.map(bytes => readIcmp(bytes)).map(({ type, code }) => [type, code])).toEqual([[3, 1]]);
  });

  test("from a link without a header to one with: the packet gets the room it needs", () => {
    const { bench, far } = router();
    bench.tunnel("tun0", "203.0.113.1/24");
    const packet = new PacketBuffer(2_048);
    packet.reset(0);
    packet.bytes.set(toServer({ source: ip("203.0.113.2") }));
    packet.append(120);
    bench.net.receive(3, packet);
    const sent = far.takeOne();
    expect(readIpv4(sent)).toMatchObject({ source: ip("203.0.113.2"), hopLimit: 63 });
    expect(sent.subarray(34)).toEqual(DATA);
  });

  test("with that room a super-segment is still one, where the next device takes it", () => {
    const { bench, far } = router();
    far.offload = FULL_OFFLOAD;
    let seen: unknown;
    far.transmit = ({ start, network, transport, segmentSize, checksum }): boolean => {
      seen = { network: network - start, transport: transport - start, segmentSize, checksum };
      return true;
    };
    bench.tunnel("tun0", "203.0.113.1/24");
    const packet = new PacketBuffer(4_096);
    packet.reset(0);
    const text = new Uint8Array(2_520);
    text[12] = 0x50;
    packet.bytes.set(toServer({ source: ip("203.0.113.2"), protocol: IP_PROTOCOL.tcp }, text));
    packet.append(2_540);
    bench.net.receive(3, Object.assign(packet, { checksum: "partial", segmentSize: 1_250 }));
    expect(seen).toEqual({
      network: ETHERNET_HEADER_SIZE,
      transport: ETHERNET_HEADER_SIZE + 20,
      segmentSize: 1_250,
      checksum: "partial",
    });
  });

  test("a partial checksum is completed where the next device does not", () => {
    const { bench, far } = router();
    const packet = PacketBuffer.from(frame4(toServer({ protocol: IP_PROTOCOL.tcp })));
    packet.checksum = "partial";
    bench.net.receive(1, packet);
    const sent = far.takeOne();
    expect(transportChecksum(PEER_V4, SERVER, IP_PROTOCOL.tcp, sent, 34, sent.length)).toBe(0);
  });

  test("of a super-segment the segments count: too big for the next link, or cut into fragments each", () => {
    const { bench, near, far } = router();
    far.mtu = 600;
    const superSegment = (dontFragment: boolean): PacketBuffer => {
      const text = new Uint8Array(2_020);
      text[12] = 0x50;
      const packet = PacketBuffer.from(frame4(toServer({ protocol: IP_PROTOCOL.tcp, dontFragment }, text)));
      packet.checksum = "partial";
      packet.segmentSize = 1_000;
      packet.network = packet.start + ETHERNET_HEADER_SIZE;
      packet.transport = packet.network + 20;
      return packet;
    };
    expect(bench.net.receive(1, superSegment(true))).toBeUndefined();
    expect(far.take()).toHaveLength(0);
    expect(readIcmp(near.takeOne())).toMatchObject({ type: 3, code: 4 });
    bench.net.receive(1, superSegment(false));
    expect(far.take().map(sent => readIpv4(sent).totalLength)).toEqual([596, 464, 596, 464]);
  });
});

describe("super-segments, which the next device may not take", () => {
  /** A super-datagram of 2,500 bytes that came by an Ethernet of the kernel, to be cut at 1,000. */
  function joined(family: 4 | 6, dontFragment = true): PacketBuffer {
    const datagram = new Uint8Array(2_508).fill(0x5a);
    new DataView(datagram.buffer).setUint16(4, 2_508);
    const protocol = IP_PROTOCOL.udp;
    const packet = PacketBuffer.from(
      family === 4
        ? frame4(toServer({ protocol, dontFragment, identification: 7 }, datagram))
        : frame6(toServer6({ nextHeader: protocol }, datagram)),
    );
    return Object.assign(packet, { checksum: "partial", segmentSize: 1_000 });
  }

  test.each([4, 6] as const)("are cut, checksums complete, IPv%i", family => {
    const { bench, far } = router();
    expect(bench.receive(1, joined(family))).toBeUndefined();
    const sent = far.take();
    const ipSize = family === 4 ? 20 : 40;
    const at = ETHERNET_HEADER_SIZE + ipSize;
    const lengths = [1_000, 1_000, 500];
    expect(sent.map(({ length }) => length - at - 8)).toEqual(lengths);
    const ends = family === 4 ? ([PEER_V4, SERVER] as const) : ([PEER_V6, SERVER_V6] as const);
    for (const [i, bytes] of sent.entries()) {
      expect(readEthernet(bytes).destination).toBe(SERVER_MAC);
      expect(transportChecksum(...ends, IP_PROTOCOL.udp, bytes, at, bytes.length)).toBe(0);
      if (family === 4) expect(readIpv4(bytes)).toMatchObject({ hopLimit: 63, identification: 7 + i });
      else expect(readIpv6(bytes)).toMatchObject({ hopLimit: 63, payloadLength: bytes.length - 54 });
    }
  });

  /** A destination-options header of 16 bytes before a datagram of 2,500. */
  function behindOptions(nextHeader: number = IP_PROTOCOL.destinationOptions): PacketBuffer {
    const payload = new Uint8Array(16 + 2_508).fill(0x5a);
    payload.set([IP_PROTOCOL.udp, 1, 1, 12, ...new Array(12).fill(0)]);
    new DataView(payload.buffer).setUint16(16 + 4, 2_508);
    const packet = PacketBuffer.from(frame6(toServer6({ nextHeader }, payload)));
    return Object.assign(packet, { checksum: "partial", segmentSize: 1_000 });
  }

  test("are cut behind extension headers", () => {
    const { bench, far } = router();
    expect(bench.receive(1, behindOptions())).toBeUndefined();
    const at = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + 16;
    const sent = far.take();
    expect(sent.map(({ length }) => length - at - 8)).toEqual([1_000, 1_000, 500]);
    for (const bytes of sent) {
      expect(readIpv6(bytes).payloadLength).toBe(bytes.length - ETHERNET_HEADER_SIZE - IPV6_HEADER_SIZE);
      expect(transportChecksum(PEER_V6, SERVER_V6, IP_PROTOCOL.udp, bytes, at, bytes.length)).toBe(0);
    }
  });

  test("are dropped where the headers do not lead to what could be cut", () => {
    const { bench, far } = router();
    for (const nextHeader of [IP_PROTOCOL.esp, IP_PROTOCOL.icmpv6, IP_PROTOCOL.fragment]) {
      expect([nextHeader, bench.receive(1, behindOptions(nextHeader))]).toEqual([
        nextHeader,
        "ip-bad-extension-header",
      ]);
    }
    expect(far.take()).toEqual([]);
  });

  test("go on whole where it takes them", () => {
    const { bench, far } = router();
    far.offload = FULL_OFFLOAD;
    bench.net.receive(1, joined(4));
    expect(far.takeOne()).toHaveLength(ETHERNET_HEADER_SIZE + 20 + 2_508);
  });

  test("whose segments are too big for the next link: fragmentation needed, or fragments of each", () => {
    const { bench, near, far } = router();
    far.offload = FULL_OFFLOAD;
    far.mtu = 1_027;
    expect(bench.receive(1, joined(4))).toBe("ip-too-big");
    expect(readIcmp(near.takeOne())).toMatchObject({ type: 3, code: 4, rest: 1_027 });
    expect(bench.receive(1, joined(6))).toBe("ip-too-big");
    expect(far.take()).toEqual([]);
    expect(bench.receive(1, joined(4, false))).toBeUndefined();
    const lengths = far.take().map(bytes => readIpv4(bytes).totalLength);
    expect(lengths).toEqual([1_020, 28, 1_020, 28, 528]);
    far.mtu = 1_028;
    bench.receive(1, joined(4));
    expect(far.take()).toHaveLength(1);
  });
});

describe("IPv6 (RFC 8200 §3)", () => {
  const ICMP = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;

  test("a packet for another link goes on with one hop less", () => {
    const { bench, far } = router();
    expect(bench.receive(1, frame6(toServer6()))).toBe(undefined);
    const sent = far.takeOne();
    expect(readEthernet(sent).destination).toBe(SERVER_MAC);
    expect(readIpv6(sent)).toMatchObject({ source: PEER_V6, destination: SERVER_V6, hopLimit: 63 });
    expect(sent.subarray(ICMP)).toEqual(DATA);
    expect(bench.net.counters.ipv6.forwarded).toBe(1);
  });

  test("one as large as the next link's MTU just fits", () => {
    const { bench, far } = router();
    far.mtu = 1_300;
    expect(bench.receive(1, frame6(toServer6({}, new Uint8Array(1_260))))).toBe(undefined);
    expect(far.take()).toHaveLength(1);
    expect(bench.receive(1, frame6(toServer6({}, new Uint8Array(1_261))))).toBe("ip-too-big");
  });

  test.each([
    ["what came to everybody on the link", toServer6(), BROADCAST_MAC],
    ["the unspecified destination", toServer6({ destination: ip("::") }), undefined],
    ["a multicast", toServer6({ destination: ip("ff0e::9") }), undefined],
  ])("%s is not forwarded", (_, packet, destination) => {
    const { bench, far } = router();
    bench.net.routes.add({ ...ANYWHERE, destination: ip("::") });
    expect(bench.receive(1, frame6(packet, destination))).toBe("ip-not-for-us");
    expect(far.take()).toEqual([]);
  });

  const linkLocal: IpAddress = ip("fe80::99");
  test.each([
    [
      "the last hop: time exceeded (RFC 4443 §3.3)",
      toServer6({ hopLimit: 1 }),
      "ip-hop-limit-exceeded",
      3,
      0,
      0,
    ],
    ["no route (§3.1)", toServer6({ destination: ip("2001:db8::1") }), "ip-no-route", 1, 0, 0],
    ["too big for the next link (§3.2)", toServer6({}, new Uint8Array(1_400)), "ip-too-big", 2, 0, 1_300],
  ] as const)("%s", (_, packet, reason, type, code, rest) => {
    const { bench, near, far } = router();
    far.mtu = 1_300;
    expect(bench.receive(1, frame6(packet))).toBe(reason);
    expect(readIcmp(near.takeOne(), ICMP)).toMatchObject({ type, code, rest });
    expect(far.take()).toEqual([]);
  });

  test("a link-local source: beyond the scope (§3.1)", () => {
    const { bench, near, far } = router();
    bench.knows(1, linkLocal, PEER_MAC);
    expect(bench.receive(1, frame6(toServer6({ source: linkLocal })))).toBe("ip-bad-source");
    expect(readIcmp(near.takeOne(), ICMP)).toMatchObject({ type: 1, code: 2 });
    expect(far.take()).toEqual([]);
  });

  test("a link-local destination is not forwarded (RFC 4291 §2.5.6)", () => {
    const { bench } = router();
    expect(bench.receive(1, frame6(toServer6({ destination: linkLocal })))).toBe("ip-not-for-us");
  });
});
