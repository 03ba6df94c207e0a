import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../base/time.ts";
import { ALL_NODES, ANY_V6, ip, solicitedNode } from "../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { icmpv6Checksum } from "../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { type MacAddress, multicastMac } from "../wire/mac-address.ts";
import { NeighborAdvertisement, NeighborSolicitation } from "../wire/ndp.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { linkLocalFor } from "./link-local.ts";
import { Bench, KeptDevice, onEthernet } from "./net-bench.ts";
import {
  advertisement,
  frame6,
  ndp,
  OUR_MAC,
  OUR_V6,
  PEER_MAC,
  PEER_V6,
  payload,
  readEthernet,
  readIpv6,
  solicitation,
} from "./net-bench-packets.ts";

const STRANGER = ip("fd00::9");
const STRANGER_MAC = 0x0200_0000_0009 as MacAddress;
const MESSAGE = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;

function readAdvertisement(bytes: Uint8Array): NeighborAdvertisement {
  const message = new NeighborAdvertisement();
  expect(message.read(bytes, MESSAGE, bytes.length)).toBe(undefined);
  const { source, destination } = readIpv6(bytes);
  expect(icmpv6Checksum(source, destination, bytes, MESSAGE, bytes.length)).toBe(0);
  return message;
}

function readSolicitation(bytes: Uint8Array): NeighborSolicitation {
  const message = new NeighborSolicitation();
  expect(message.read(bytes, MESSAGE, bytes.length)).toBe(undefined);
  const { source, destination } = readIpv6(bytes);
  expect(icmpv6Checksum(source, destination, bytes, MESSAGE, bytes.length)).toBe(0);
  return message;
}

const group = solicitedNode(OUR_V6);

describe("solicitations (RFC 4861 §7.2.3 and §7.2.4)", () => {
  test("one for our address is answered to the sender, solicited and with override", () => {
    const { bench, net, device } = onEthernet();
    const asked = ndp(solicitation(OUR_V6, STRANGER_MAC), { source: STRANGER, destination: group });
    expect(bench.receive(1, frame6(asked, multicastMac(group)))).toBe(undefined);
    const sent = device.takeOne();
    expect(readEthernet(sent).destination).toBe(STRANGER_MAC);
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: STRANGER, hopLimit: 255 });
    const message = readAdvertisement(sent);
    expect(message).toMatchObject({ solicited: true, override: true, isRouter: false, target: OUR_V6 });
    expect(message.options.targetLinkLayer).toBe(OUR_MAC);
    expect(net.neighbors().find(({ address }) => address.equals(STRANGER))).toMatchObject({
      mac: STRANGER_MAC,
      // The answer went where the question said, and is no reason to probe who asked.
      state: "stale",
    });
  });

  test("one without a link-layer address is answered by way of the cache", () => {
    const { bench, net, device } = onEthernet();
    bench.receive(1, frame6(ndp(solicitation(OUR_V6), { source: PEER_V6, destination: OUR_V6 })));
    expect(readEthernet(device.takeOne()).destination).toBe(PEER_MAC);
    expect(net.neighbors().find(({ address }) => address.equals(PEER_V6))?.state).toBe("delay");
  });

  test("a router says that it is one", () => {
    const { bench, device } = onEthernet({ forwarding: true });
    const asked = ndp(solicitation(OUR_V6, STRANGER_MAC), { source: STRANGER, destination: group });
    bench.receive(1, frame6(asked, multicastMac(group)));
    expect(readAdvertisement(device.takeOne()).isRouter).toBe(true);
  });

  test("one that probes for our address is answered to all nodes, not solicited", () => {
    const { bench, device } = onEthernet();
    const asked = ndp(solicitation(OUR_V6), { source: ANY_V6, destination: group });
    bench.receive(1, frame6(asked, multicastMac(group)));
    const sent = device.takeOne();
    expect(readEthernet(sent).destination).toBe(multicastMac(ALL_NODES));
    expect(readIpv6(sent).destination).toEqual(ALL_NODES);
    expect(readAdvertisement(sent).solicited).toBe(false);
  });

  test.each([
    [
      "a hop limit below 255",
      ndp(solicitation(OUR_V6, PEER_MAC), { source: PEER_V6, destination: group, hopLimit: 254 }),
      "ndp-hop-limit",
    ],
    [
      "a multicast target",
      ndp(solicitation(ALL_NODES, PEER_MAC), { source: PEER_V6, destination: group }),
      "ndp-malformed",
    ],
    [
      "a probe with a link-layer address",
      ndp(solicitation(OUR_V6, PEER_MAC), { source: ANY_V6, destination: group }),
      "ndp-malformed",
    ],
    [
      "a link-layer address of a group",
      ndp(solicitation(OUR_V6, multicastMac(group)), { source: PEER_V6, destination: group }),
      "ndp-malformed",
    ],
    [
      "a probe to another group",
      ndp(solicitation(OUR_V6), { source: ANY_V6, destination: ALL_NODES }),
      "ndp-malformed",
    ],
  ] as const)("%s is refused (§7.1.1)", (_, asked, reason) => {
    const { bench, device } = onEthernet();
    expect(bench.receive(1, frame6(asked, multicastMac(group)))).toBe(reason);
    expect(device.take()).toEqual([]);
  });

  test("what was asked, answered and disputed is counted", () => {
    const { bench, net, device } = onEthernet();
    Object.assign(net.counters.ndp, { requestsSent: 0, repliesSent: 0 });
    const path = net.pathTo(STRANGER);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(1), IP_PROTOCOL.udp);
    const answer = advertisement(STRANGER, STRANGER_MAC, { solicited: true, override: true });
    bench.receive(1, frame6(ndp(answer, { source: STRANGER, destination: OUR_V6 })));
    const asked = ndp(solicitation(OUR_V6, STRANGER_MAC), { source: STRANGER, destination: group });
    bench.receive(1, frame6(asked, multicastMac(group)));
    const counted = { requestsSent: 1, repliesReceived: 1, requestsReceived: 1, repliesSent: 1 };
    expect(net.counters.ndp).toEqual({ ...counted, conflicts: 0 });
    const claim = ndp(advertisement(OUR_V6, PEER_MAC), { source: OUR_V6, destination: ALL_NODES });
    bench.receive(1, frame6(claim, multicastMac(ALL_NODES)));
    // A source that is ours is refused before; a proxy's claim is not.
    expect(net.counters.ndp.conflicts).toBe(0);
    const proxied = ndp(advertisement(OUR_V6, PEER_MAC), { source: PEER_V6, destination: ALL_NODES });
    expect(bench.receive(1, frame6(proxied, multicastMac(ALL_NODES)))).toBe("arp-conflict");
    expect(net.counters.ndp.conflicts).toBe(1);
    device.take();
    net.addAddress(1, ip("fd00::50"), 64);
    net.expire();
    expect(net.counters.ndp.requestsSent).toBe(2);
    // RFC 4862 §5.4.2: a probe has no source, and so no link-layer address of one.
    expect(readSolicitation(device.takeOne()).options.sourceLinkLayer).toBe(undefined);
  });

  test("a link without link-layer addresses has no neighbors to discover", () => {
    const { bench } = onEthernet();
    bench.tunnel("tun0", "fd99::1/64");
    const asked = ndp(solicitation(ip("fd99::1")), { source: ip("fd99::2"), destination: ip("fd99::1") });
    expect(bench.receive(2, asked)).toBe("ndp-malformed");
  });

  test("a bad checksum is refused (§7.1.1)", () => {
    const { bench } = onEthernet();
    const asked = ndp(solicitation(OUR_V6, PEER_MAC), { source: PEER_V6, destination: group });
    asked[IPV6_HEADER_SIZE + 20] = 0xee;
    expect(bench.receive(1, frame6(asked, multicastMac(group)))).toBe("icmp-bad-checksum");
  });
});

describe("questions and advertisements (RFC 4861 §7.2.2 and §7.2.5)", () => {
  test("the first question goes to the solicited-node group, and the packet leaves with the answer", () => {
    const { bench, net, device } = onEthernet();
    const path = net.pathTo(STRANGER);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(8), IP_PROTOCOL.udp);
    const question = device.takeOne();
    const to = solicitedNode(STRANGER);
    expect(readEthernet(question).destination).toBe(multicastMac(to));
    expect(readIpv6(question)).toMatchObject({ source: OUR_V6, destination: to, hopLimit: 255 });
    const message = readSolicitation(question);
    expect(message.target).toEqual(STRANGER);
    expect(message.options.sourceLinkLayer).toBe(OUR_MAC);
    const answer = advertisement(STRANGER, STRANGER_MAC, { solicited: true, override: true });
    bench.receive(1, frame6(ndp(answer, { source: STRANGER, destination: OUR_V6 })));
    expect(readEthernet(device.takeOne()).destination).toBe(STRANGER_MAC);
    expect(net.neighbors().find(({ address }) => address.equals(STRANGER))?.state).toBe("reachable");
  });

  test("a probe of reachability goes to the neighbor himself (§7.3.3)", () => {
    const { bench, net, device } = onEthernet();
    const path = net.pathTo(PEER_V6);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(8), IP_PROTOCOL.udp);
    device.take();
    bench.advance(seconds(5));
    const question = device.takeOne();
    expect(readEthernet(question).destination).toBe(PEER_MAC);
    expect(readIpv6(question).destination).toEqual(PEER_V6);
  });

  test("an advertisement of a group's link-layer address is refused (RFC 1812 §3.3.2)", () => {
    const { bench } = onEthernet();
    const answer = advertisement(PEER_V6, multicastMac(ALL_NODES), { solicited: true, override: true });
    expect(bench.receive(1, frame6(ndp(answer, { source: PEER_V6, destination: OUR_V6 })))).toBe(
      "ndp-malformed",
    );
  });

  test("an advertisement to a group that claims to be solicited is refused (§7.1.2)", () => {
    const { bench } = onEthernet();
    const answer = advertisement(PEER_V6, STRANGER_MAC, { solicited: true, override: true });
    const to = { source: PEER_V6, destination: ALL_NODES };
    expect(bench.receive(1, frame6(ndp(answer, to), multicastMac(ALL_NODES)))).toBe("ndp-malformed");
  });
});

test("an address that is taken over is advertised unasked, to all nodes, twice (§7.2.6)", () => {
  const bench = new Bench();
  const device = new KeptDevice("eth0", "ethernet");
  bench.net.addInterface(device, { mac: OUR_MAC });
  bench.advance(seconds(2));
  device.take();
  bench.net.addAddress(1, OUR_V6, 64, { duplicateDetection: false, announce: true });
  bench.advance(milliseconds(1));
  const told = device.takeOne();
  expect(readIpv6(told)).toMatchObject({ source: OUR_V6, destination: ALL_NODES, hopLimit: 255 });
  const { target, solicited, override, options } = readAdvertisement(told);
  expect([target, solicited, override, options.targetLinkLayer]).toEqual([OUR_V6, false, true, OUR_MAC]);
  bench.advance(seconds(10));
  expect(device.take()).toHaveLength(1);
});

describe("duplicate address detection (RFC 4862 §5.4)", () => {
  function probing(): { bench: Bench; device: KeptDevice } {
    const bench = new Bench();
    const device = new KeptDevice("eth0", "ethernet");
    bench.net.addInterface(device, { mac: OUR_MAC });
    bench.advance(seconds(2));
    device.take();
    bench.net.addAddress(1, OUR_V6, 64);
    bench.advance(milliseconds(1));
    return { bench, device };
  }

  test("an Ethernet interface makes itself a link-local address and tries it first", () => {
    const bench = new Bench();
    const device = new KeptDevice("eth0", "ethernet");
    bench.net.addInterface(device, { mac: OUR_MAC });
    const own = linkLocalFor(OUR_MAC);
    expect(String(own)).toBe("fe80::ff:fe00:1");
    expect(bench.net.isLocal(own)).toBe(false);
    bench.advance(milliseconds(999));
    const probe = device.takeOne();
    expect(readIpv6(probe)).toMatchObject({ source: ANY_V6, destination: solicitedNode(own), hopLimit: 255 });
    expect(readSolicitation(probe).target).toEqual(own);
    expect(readSolicitation(probe).options.sourceLinkLayer).toBe(undefined);
    expect(bench.net.isLocal(own)).toBe(false);
    bench.advance(milliseconds(1));
    expect(bench.net.isLocal(own)).toBe(true);
  });

  test.each([
    [
      "an advertisement of",
      ndp(advertisement(OUR_V6, PEER_MAC, { override: true }), { source: OUR_V6, destination: ALL_NODES }),
      ALL_NODES,
    ],
    ["another's probe for", ndp(solicitation(OUR_V6), { source: ANY_V6, destination: group }), group],
  ])("%s the address makes it a duplicate, which is never used (§5.4.3, §5.4.4)", (_, claim, to) => {
    const { bench, device } = probing();
    device.take();
    expect(bench.receive(1, frame6(claim, multicastMac(to)))).toBe("arp-conflict");
    bench.advance(seconds(5));
    expect(bench.net.isLocal(OUR_V6)).toBe(false);
    expect(bench.net.addresses().find(({ address }) => address.equals(OUR_V6))?.state).toBe("duplicate");
    expect(bench.net.pathTo(PEER_V6, OUR_V6)).toBe("EADDRNOTAVAIL");
    expect(device.take()).toEqual([]);
  });

  test("who has an address that we had to give up is a neighbor like any", () => {
    const { bench, device } = probing();
    const probe = ndp(solicitation(OUR_V6), { source: ANY_V6, destination: group });
    bench.receive(1, frame6(probe, multicastMac(group)));
    const asked = ndp(solicitation(OUR_V6, PEER_MAC), { source: PEER_V6, destination: group });
    expect(bench.receive(1, frame6(asked, multicastMac(group)))).toBe("arp-not-for-us");
    bench.net.addAddress(1, ip("fd00::5"), 64, { duplicateDetection: false });
    const path = bench.net.pathTo(OUR_V6);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(10), IP_PROTOCOL.udp);
    device.take();
    const answer = advertisement(OUR_V6, PEER_MAC, { solicited: true, override: true });
    const packet = ndp(answer, { source: OUR_V6, destination: ip("fd00::5") });
    expect(bench.receive(1, frame6(packet))).toBe(undefined);
    expect(readEthernet(device.takeOne()).destination).toBe(PEER_MAC);
  });

  test("our own probe that comes back is no conflict", () => {
    const { bench, device } = probing();
    const own = device.takeOne();
    expect(bench.receive(1, own)).toBe("frame-not-for-us");
    bench.advance(seconds(1));
    expect(bench.net.isLocal(OUR_V6)).toBe(true);
  });

  test("somebody's question about a tentative address is not answered (§5.4.3)", () => {
    const { bench, device } = probing();
    device.take();
    const asked = ndp(solicitation(OUR_V6, PEER_MAC), { source: PEER_V6, destination: group });
    bench.receive(1, frame6(asked, multicastMac(group)));
    expect(device.take()).toEqual([]);
    bench.advance(seconds(1));
    expect(bench.net.isLocal(OUR_V6)).toBe(true);
  });

  test("an address that is taken away during its detection stays away", () => {
    const { bench } = probing();
    bench.net.removeAddress(1, OUR_V6);
    bench.advance(seconds(5));
    expect(bench.net.isLocal(OUR_V6)).toBe(false);
  });
});
