import { describe, expect, test } from "vitest";
import { ALL_NODES, ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { type MacAddress, multicastMac } from "../../wire/mac-address.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import { linkLocalFor } from "../link-local.ts";
import { onEthernet } from "../net-bench.ts";
import {
  frame,
  frame6,
  icmp,
  ipv6,
  OUR_V6,
  PEER_MAC,
  PEER_V6,
  readIcmp,
  readIpv6,
} from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const ICMP = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;
const ROUTER = ip("fd00::fe");
const nextHeader = IP_PROTOCOL.icmpv6;

describe("echo (RFC 4443 §4)", () => {
  const request = (to = OUR_V6): Uint8Array =>
    icmp(ICMPV6_TYPE.echoRequest, 0, 0x1234_0005, DATA, [PEER_V6, to]);

  test("a request is answered with the same identifier, number and data", () => {
    const { bench, device } = onEthernet();
    expect(bench.receive(1, frame6(ipv6({ nextHeader }, request())))).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
    expect(readIcmp(sent, ICMP)).toMatchObject({ type: 129, identifier: 0x1234, sequence: 5 });
    expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
    expect(sent.subarray(ICMP + 8)).toEqual(DATA);
  });

  test("one to all nodes is answered from an address of the interface (§4.2)", () => {
    const { bench, device } = onEthernet();
    const packet = ipv6({ nextHeader, destination: ALL_NODES }, request(ALL_NODES));
    expect(bench.receive(1, frame6(packet, multicastMac(ALL_NODES)))).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
    expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
  });

  test("the answer has the request's DSCP, but not its ECN (RFC 3168 §5)", () => {
    const { bench, device } = onEthernet();
    bench.receive(1, frame6(ipv6({ nextHeader, trafficClass: 0x2f }, request())));
    expect(readIpv6(device.takeOne()).trafficClass).toBe(0x2c);
  });

  test("what is too short for an ICMP header is dropped", () => {
    const { bench } = onEthernet();
    const packet = ipv6({ nextHeader, payloadLength: 7 }, request());
    expect(bench.receive(1, frame6(packet))).toBe("icmp-truncated");
  });

  test("who cannot be reached is not answered", () => {
    const { bench, device } = onEthernet();
    const source = ip("2001:db8::9");
    const far = icmp(ICMPV6_TYPE.echoRequest, 0, 1, DATA, [source, OUR_V6]);
    expect(bench.receive(1, frame6(ipv6({ nextHeader, source }, far)))).toBe("ip-no-route");
    expect(device.take()).toEqual([]);
  });

  test("a link-local neighbor is answered on the link where he asked (RFC 4007 §6)", () => {
    const { bench, device } = onEthernet();
    const other = bench.ethernet("eth1", 0x0200_0000_0012 as MacAddress, "fd01::1/64");
    const source = ip("fe80::9");
    const to = linkLocalFor(0x0200_0000_0012 as MacAddress);
    bench.knows(2, source, PEER_MAC);
    const asked = icmp(ICMPV6_TYPE.echoRequest, 0, 1, DATA, [source, to]);
    const packet = ipv6({ nextHeader, source, destination: to }, asked);
    expect(bench.receive(2, frame(ETHER_TYPE.ipv6, packet, 0x0200_0000_0012 as MacAddress))).toBe(undefined);
    expect(readIpv6(other.takeOne())).toMatchObject({ source: to, destination: source });
    expect(device.take()).toEqual([]);
  });

  test("the checksum covers the addresses (§2.3)", () => {
    const { bench } = onEthernet();
    const packet = ipv6({ nextHeader }, request(ip("fd00::3")));
    expect(bench.receive(1, frame6(packet))).toBe("icmp-bad-checksum");
  });
});

describe("errors about what we sent", () => {
  function error(type: number, code: number, rest: number, quoted: Uint8Array): Uint8Array {
    const message = icmp(type, code, rest, quoted, [ROUTER, OUR_V6]);
    return frame6(ipv6({ nextHeader, source: ROUTER }, message));
  }
  const quote = ipv6({ source: OUR_V6, destination: PEER_V6 }, DATA);

  test("go to the transport that sent it (RFC 4443 §2.4 d)", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, error(1, 4, 0, quote))).toBe(undefined);
    expect(bench.udp.errors[0]).toMatchObject({
      kind: "port-unreachable",
      code: "ECONNREFUSED",
      reporter: ROUTER,
      local: OUR_V6,
      remote: PEER_V6,
      protocol: 17,
      quote: DATA,
    });
  });

  test("one that was sent to a group is nobody's", () => {
    const { bench } = onEthernet();
    const message = icmp(1, 4, 0, quote, [ROUTER, ALL_NODES]);
    const packet = ipv6({ nextHeader, source: ROUTER, destination: ALL_NODES }, message);
    expect(bench.receive(1, frame6(packet, multicastMac(ALL_NODES)))).toBe("icmp-malformed");
    expect(bench.udp.errors).toEqual([]);
  });

  test("packet too big lowers the path MTU, but never below 1280 (RFC 8201 §4)", () => {
    const { bench, net } = onEthernet();
    const path = net.pathTo(PEER_V6);
    if (typeof path === "string") throw new Error(path);
    bench.receive(1, error(2, 0, 1_000, quote));
    expect(path.mtu).toBe(1_500);
    bench.receive(1, error(2, 0, 1_300, quote));
    expect(path.mtu).toBe(1_300);
  });
});

test("what may not be answered is not: a packet to a group, of a protocol that we do not know (§2.4 e)", () => {
  const { bench, device } = onEthernet();
  const packet = ipv6({ nextHeader: 253, destination: ALL_NODES }, DATA);
  expect(bench.receive(1, frame6(packet, multicastMac(ALL_NODES)))).toBe("ip-unknown-protocol");
  expect(bench.receive(1, frame6(ipv6({ nextHeader: 253 }, DATA), multicastMac(ALL_NODES)))).toBe(
    "ip-unknown-protocol",
  );
  expect(device.take()).toEqual([]);
});

test("who cannot be reached is told of no error", () => {
  const { bench, device } = onEthernet();
  const packet = ipv6({ nextHeader: 253, source: ip("2001:db8::9") }, DATA);
  expect(bench.receive(1, frame6(packet))).toBe("ip-unknown-protocol");
  expect(device.take()).toEqual([]);
});

test("errors that we send are limited (RFC 4443 §2.4 f)", () => {
  const { bench, net, device } = onEthernet();
  for (let i = 0; i < 100; i++) bench.receive(1, frame6(ipv6({ nextHeader: 253 }, DATA)));
  expect(net.counters.icmpv6).toMatchObject({ sent: 6, errorsSent: 6 });
  expect(bench.drops).toContain("icmp-rate-limited");
  const sent = device.take()[0] as Uint8Array;
  expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
});

test("multicast listener queries and unknown messages are dropped in silence (§2.4 b)", () => {
  const { bench, device } = onEthernet();
  const message = icmp(200, 0, 0, DATA, [PEER_V6, OUR_V6]);
  expect(bench.receive(1, frame6(ipv6({ nextHeader }, message)))).toBe("icmp-unknown-type");
  expect(device.take()).toEqual([]);
});
