import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../base/errors.ts";
import { HEADROOM } from "../../base/packet-buffer.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ipv4ChecksumIsGood } from "../../wire/ipv4.ts";
import { BROADCAST_MAC, multicastMac } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Net } from "../net.ts";
import { onEthernet } from "../net-bench.ts";
import { OUR_V4, PEER_MAC, PEER_V4, payload, readEthernet, readIpv4 } from "../net-bench-packets.ts";
import type { NetPath } from "../transport.ts";

function pathOf(net: Net, remote: IpAddress): NetPath {
  const path = net.pathTo(remote);
  if (typeof path === "string") throw new Error(path);
  return path;
}

test("a datagram leaves with its header, and the packet comes back as it was (RFC 791 §3.1)", () => {
  const { net, device } = onEthernet();
  const path = pathOf(net, PEER_V4);
  path.trafficClass = 0x2e;
  path.hopLimit = 3;
  const packet = payload(100);
  expect(path.send(packet, IP_PROTOCOL.udp)).toBe(undefined);
  expect(packet.start).toBe(HEADROOM);
  const sent = device.takeOne();
  expect(readEthernet(sent).destination).toBe(PEER_MAC);
  expect(readIpv4(sent)).toMatchObject({
    source: OUR_V4,
    destination: PEER_V4,
    protocol: 17,
    hopLimit: 3,
    trafficClass: 0x2e,
    totalLength: 120,
    dontFragment: true,
  });
  expect(ipv4ChecksumIsGood(sent, ETHERNET_HEADER_SIZE, 20)).toBe(true);
  expect(sent.subarray(34)).toEqual(new Uint8Array(100).fill(0xab));
});

test("a hop limit of 0 stands for the default: 64, and 1 to a multicast group (RFC 1112 §6.1)", () => {
  const { net, device } = onEthernet();
  pathOf(net, PEER_V4).send(payload(1), IP_PROTOCOL.udp);
  expect(readIpv4(device.takeOne()).hopLimit).toBe(64);
  pathOf(net, ip("224.0.0.251")).send(payload(1), IP_PROTOCOL.udp);
  expect(readIpv4(device.takeOne()).hopLimit).toBe(1);
});

test.each([
  ["255.255.255.255", BROADCAST_MAC],
  ["10.0.0.255", BROADCAST_MAC],
  ["239.129.2.3", multicastMac(ip("239.1.2.3"))],
])("%s goes to the link's group address (RFC 1112 §6.4, RFC 1122 §3.3.6)", (group, mac) => {
  const { net, device } = onEthernet();
  const path = pathOf(net, ip(group));
  expect(path.local).toEqual(OUR_V4);
  path.send(payload(1), IP_PROTOCOL.udp);
  expect(readEthernet(device.takeOne()).destination).toBe(mac);
});

describe("a datagram above the MTU", () => {
  test("that may not be cut is EMSGSIZE", () => {
    const { net, device } = onEthernet();
    const path = pathOf(net, PEER_V4);
    expect(path.send(payload(1_480), IP_PROTOCOL.udp)).toBe(undefined);
    expect(path.send(payload(1_481), IP_PROTOCOL.udp)).toBe("EMSGSIZE");
    expect(device.take()).toHaveLength(1);
  });

  test("that may be is cut, under one identification (RFC 791 §3.2, RFC 6864 §4.3)", () => {
    const { net, device } = onEthernet();
    const path = pathOf(net, PEER_V4);
    path.dontFragment = false;
    path.send(payload(4_000), IP_PROTOCOL.udp);
    const sent = device.take().map(bytes => readIpv4(bytes));
    expect(sent.map(({ fragmentOffset }) => fragmentOffset)).toEqual([0, 1_480, 2_960]);
    expect(sent.map(({ moreFragments }) => moreFragments)).toEqual([true, true, false]);
    expect(new Set(sent.map(({ identification }) => identification)).size).toBe(1);
    path.send(payload(4_000), IP_PROTOCOL.udp);
    expect(readIpv4(device.take()[0] as Uint8Array).identification).not.toBe(sent[0]?.identification);
  });

  test("is cut to fragments of the link's size, however large that is", () => {
    const { net, device } = onEthernet();
    device.mtu = 9_000;
    const path = pathOf(net, PEER_V4);
    path.dontFragment = false;
    path.send(payload(20_000), IP_PROTOCOL.udp);
    expect(device.take().map(bytes => readIpv4(bytes).totalLength)).toEqual([8_996, 8_996, 2_068]);
  });

  test("above 65,535 bytes cannot be sent at all", () => {
    const { net } = onEthernet();
    const path = pathOf(net, PEER_V4);
    path.dontFragment = false;
    expect(path.send(payload(65_516), IP_PROTOCOL.udp)).toBe("EMSGSIZE");
  });
});

test("a full device is ENOBUFS, and the drop is counted", () => {
  const { bench, net, device } = onEthernet();
  device.isFull = true;
  expect(pathOf(net, PEER_V4).send(payload(1), IP_PROTOCOL.udp) satisfies ErrorCode | undefined).toBe(
    "ENOBUFS",
  );
  expect(bench.drops).toEqual(["queue-full"]);
});

test("a partial checksum on a device that does not complete it is a bug of the caller", () => {
  const { net } = onEthernet();
  const packet = payload(20);
  packet.checksum = "partial";
  expect(() => pathOf(net, PEER_V4).send(packet, IP_PROTOCOL.tcp)).toThrow("partial checksum");
});
