import { expect, test } from "vitest";
import { HEADROOM } from "../../base/packet-buffer.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { FragmentHeader } from "../../wire/ipv6-extensions.ts";
import { multicastMac } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Net } from "../net.ts";
import { onEthernet } from "../net-bench.ts";
import { OUR_V6, PEER_MAC, PEER_V6, payload, readEthernet, readIpv6 } from "../net-bench-packets.ts";
import type { NetPath } from "../transport.ts";

function pathOf(net: Net, remote: IpAddress): NetPath {
  const path = net.pathTo(remote);
  if (typeof path === "string") throw new Error(path);
  return path;
}

test("a packet leaves with its header, and comes back as it was (RFC 8200 §3)", () => {
  const { net, device } = onEthernet();
  const path = pathOf(net, PEER_V6);
  path.trafficClass = 0x2e;
  const packet = payload(100);
  expect(path.send(packet, IP_PROTOCOL.udp)).toBe(undefined);
  expect(packet.start).toBe(HEADROOM);
  const sent = device.takeOne();
  expect(readEthernet(sent).destination).toBe(PEER_MAC);
  expect(readIpv6(sent)).toMatchObject({
    source: OUR_V6,
    destination: PEER_V6,
    nextHeader: 17,
    hopLimit: 64,
    trafficClass: 0x2e,
    payloadLength: 100,
  });
});

test("a group's packet goes to its link-layer address, with hop limit 1 (RFC 2464 §7)", () => {
  const { net, device } = onEthernet();
  const group = ip("ff02::fb");
  pathOf(net, group).send(payload(1), IP_PROTOCOL.udp);
  const sent = device.takeOne();
  expect(readEthernet(sent).destination).toBe(multicastMac(group));
  expect(readIpv6(sent)).toMatchObject({ hopLimit: 1 });
});

test("above the MTU a packet is EMSGSIZE, or cut behind fragment headers where it may be (§4.5)", () => {
  const { net, device } = onEthernet();
  const path = pathOf(net, PEER_V6);
  expect(path.send(payload(1_461), IP_PROTOCOL.udp)).toBe("EMSGSIZE");
  path.dontFragment = false;
  expect(path.send(payload(3_000), IP_PROTOCOL.udp)).toBe(undefined);
  const headers = device.take().map(bytes => {
    expect(readIpv6(bytes).nextHeader).toBe(IP_PROTOCOL.fragment);
    const header = new FragmentHeader();
    header.read(bytes, ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE, bytes.length);
    return header;
  });
  expect(headers.map(({ offset }) => offset)).toEqual([0, 1_448, 2_896]);
  expect(headers.map(({ moreFragments }) => moreFragments)).toEqual([true, true, false]);
  expect(new Set(headers.map(({ identification }) => identification)).size).toBe(1);
});

test("a packet as large as the MTU leaves whole; none has more than 65,535 bytes behind its header", () => {
  const { net, device } = onEthernet();
  const path = pathOf(net, PEER_V6);
  expect(path.send(payload(1_460), IP_PROTOCOL.udp)).toBe(undefined);
  expect(device.take()).toHaveLength(1);
  path.dontFragment = false;
  expect(path.send(payload(65_535), IP_PROTOCOL.udp)).toBe(undefined);
  expect(path.send(payload(65_536), IP_PROTOCOL.udp)).toBe("EMSGSIZE");
});

test("fragments are as large as the link takes, and counted", () => {
  const { net, device } = onEthernet();
  device.mtu = 9_000;
  const path = pathOf(net, PEER_V6);
  path.dontFragment = false;
  const { sent } = net.counters.ipv6;
  path.send(payload(20_000), IP_PROTOCOL.udp);
  expect(device.take().map(bytes => readIpv6(bytes).payloadLength)).toEqual([8_960, 8_960, 2_104]);
  expect(net.counters.ipv6).toMatchObject({ sent: sent + 1, fragmented: 1, fragmentsSent: 3 });
});

test("a hop limit of one's own is what the packet has; at -1 it stays in this host (RFC 3493 §5.2)", () => {
  const { net, device } = onEthernet();
  const path = pathOf(net, PEER_V6);
  path.hopLimit = 9;
  path.send(payload(1), IP_PROTOCOL.udp);
  expect(readIpv6(device.takeOne()).hopLimit).toBe(9);
  path.hopLimit = -1;
  expect(path.send(payload(1), IP_PROTOCOL.udp)).toBe(undefined);
  expect(device.take()).toEqual([]);
});
