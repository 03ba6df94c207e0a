import { describe, expect, test } from "vitest";
import { seconds } from "../base/time.ts";
import { ANY_V4, type IpAddress, ip } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import type { Net } from "./net.ts";
import { Bench, type KeptDevice, onEthernet } from "./net-bench.ts";
import {
  OUR_V4,
  OUR_V6,
  PEER_MAC,
  PEER_V4,
  PEER_V6,
  payload,
  readEthernet,
  readIpv4,
} from "./net-bench-packets.ts";
import type { NetPath } from "./transport.ts";

const FAR = ip("198.51.100.7");
const GATEWAY = ip("10.0.0.254");

function pathOf(net: Net, remote: IpAddress, local?: IpAddress): NetPath {
  const path = net.pathTo(remote, local);
  if (typeof path === "string") throw new Error(path);
  return path;
}

function defaultRoute(gateway: IpAddress, mtu?: number): Parameters<Net["routes"]["add"]>[0] {
  const destination = ANY_V4;
  return { destination, prefixLength: 0, gateway, interfaceIndex: 1, metric: 0, source: undefined, mtu };
}

describe("what a path says", () => {
  test("its ends, sizes and link", () => {
    const { net, device } = onEthernet();
    device.mtu = 9_000;
    expect(pathOf(net, PEER_V4)).toMatchObject({
      local: OUR_V4,
      remote: PEER_V4,
      mtu: 9_000,
      linkMtu: 9_000,
      headerSize: 20,
      isLoopback: false,
      dontFragment: true,
      offload: device.offload,
    });
    expect(pathOf(net, PEER_V6)).toMatchObject({ local: OUR_V6, headerSize: 40 });
  });

  test.each([
    ["no route", FAR, undefined, "ENETUNREACH"],
    ["a local address that is not ours", PEER_V4, ip("10.0.0.9"), "EADDRNOTAVAIL"],
    ["addresses of two families", PEER_V4, OUR_V6, "EAFNOSUPPORT"],
    ["nowhere", ANY_V4, undefined, "ENETUNREACH"],
    ["a loopback source to elsewhere (RFC 1122 §3.2.1.3 g)", PEER_V4, ip("127.0.0.1"), "EINVAL"],
  ] as const)("%s is why there is none", (_, remote, local, code) => {
    const { bench, net } = onEthernet();
    bench.tunnel("lo", "127.0.0.1/8");
    expect(net.pathTo(remote, local)).toBe(code);
  });

  test("an unspecified local address is none given", () => {
    const { net } = onEthernet();
    expect(pathOf(net, PEER_V4, ANY_V4).local).toEqual(OUR_V4);
  });
});

describe("a change while the path is held", () => {
  test("of the route: the next packet takes the new one, from the same address", () => {
    const { bench, net, device } = onEthernet();
    bench.knows(1, GATEWAY, PEER_MAC);
    const second = bench.tunnel("tun0", "192.0.2.1/24");
    net.routes.add(defaultRoute(GATEWAY));
    const path = pathOf(net, FAR);
    path.send(payload(1), IP_PROTOCOL.udp);
    expect(readEthernet(device.takeOne()).destination).toBe(PEER_MAC);
    net.routes.add({
      ...defaultRoute(GATEWAY),
      destination: FAR,
      prefixLength: 32,
      gateway: undefined,
      interfaceIndex: 2,
    });
    path.send(payload(1), IP_PROTOCOL.udp);
    expect(device.take()).toEqual([]);
    expect(readIpv4(second.takeOne(), 0)).toMatchObject({ source: OUR_V4, destination: FAR });
  });

  test("of the route to none: ENETUNREACH, until there is one again", () => {
    const { bench, net } = onEthernet();
    bench.knows(1, GATEWAY, PEER_MAC);
    const route = net.routes.add(defaultRoute(GATEWAY));
    const path = pathOf(net, FAR);
    net.routes.remove(route);
    expect(path.send(payload(1), IP_PROTOCOL.udp)).toBe("ENETUNREACH");
    net.routes.add(route);
    expect(path.send(payload(1), IP_PROTOCOL.udp)).toBe(undefined);
  });

  test("of the local address: it is no longer sent from", () => {
    const { net, device } = onEthernet();
    const path = pathOf(net, PEER_V4);
    net.removeAddress(1, OUR_V4);
    expect(path.send(payload(1), IP_PROTOCOL.udp)).toBe("EADDRNOTAVAIL");
    expect(device.take()).toEqual([]);
  });

  test("of the path MTU, which is forgotten after ten minutes (RFC 1191 §6.3)", () => {
    const { bench, net } = onEthernet();
    const path = pathOf(net, PEER_V4);
    net.pathMtu.lower(PEER_V4, 1_400, 1_500, bench.now);
    expect(path.mtu).toBe(1_400);
    bench.advance(seconds(601));
    expect(path.mtu).toBe(1_500);
  });

  test("of the neighbor's entry: it is asked for again", () => {
    const { net, device } = onEthernet();
    const path = pathOf(net, PEER_V4);
    path.send(payload(1), IP_PROTOCOL.udp);
    device.take();
    net.interfaces()[0]?.neighbors?.remove(PEER_V4);
    path.send(payload(1), IP_PROTOCOL.udp);
    expect(readEthernet(device.takeOne()).type).toBe(0x0806);
  });
});

test("a route may have an MTU and a source of its own", () => {
  const { net } = onEthernet();
  net.addAddress(1, ip("10.0.0.5"), 24, { duplicateDetection: false });
  net.routes.add({ ...defaultRoute(GATEWAY, 1_400), source: ip("10.0.0.5") });
  expect(pathOf(net, FAR)).toMatchObject({ mtu: 1_400, linkMtu: 1_400, local: ip("10.0.0.5") });
});

describe("what a route says", () => {
  test("cannot make the link carry more", () => {
    const { net } = onEthernet();
    net.routes.add(defaultRoute(GATEWAY, 9_000));
    expect(pathOf(net, FAR).linkMtu).toBe(1_500);
  });

  test("of a source holds as long as the address is ours; else the subnet of the gateway decides", () => {
    const { net } = onEthernet();
    net.addAddress(1, ip("172.16.0.1"), 24, { duplicateDetection: false });
    net.routes.add({ ...defaultRoute(ip("172.16.0.254")), source: ip("10.0.0.1") });
    expect(pathOf(net, FAR).local).toEqual(ip("10.0.0.1"));
    net.removeAddress(1, ip("10.0.0.1"));
    expect(pathOf(net, FAR).local).toEqual(ip("172.16.0.1"));
    const second = onEthernet().net;
    second.addAddress(1, ip("172.16.0.1"), 24, { duplicateDetection: false });
    second.routes.add(defaultRoute(ip("172.16.0.254")));
    expect(pathOf(second, FAR).local).toEqual(ip("172.16.0.1"));
  });

  test("of a locked MTU is final: no router lowers it, and routers may cut", () => {
    const { bench, net, device } = onEthernet();
    bench.knows(1, GATEWAY, PEER_MAC);
    net.routes.add({ ...defaultRoute(GATEWAY, 1_400), isMtuLocked: true });
    const path = pathOf(net, FAR);
    expect(path.lowerMtu(1_000)).toBe(false);
    expect(path.mtu).toBe(1_400);
    path.send(payload(10), IP_PROTOCOL.udp);
    expect(readIpv4(device.takeOne()).dontFragment).toBe(false);
  });

  test("leads nowhere for the unspecified address, though it leads everywhere else", () => {
    const { net } = onEthernet();
    net.routes.add(defaultRoute(GATEWAY));
    expect(net.pathTo(ANY_V4)).toBe("ENETUNREACH");
  });
});

test("where less gets through than is believed, routers may cut (docs/decisions/min-path-mtu.md)", () => {
  const { bench, net, device } = onEthernet();
  const path = pathOf(net, PEER_V4);
  net.pathMtu.lower(PEER_V4, 600, 1_500, bench.now);
  path.send(payload(10), IP_PROTOCOL.udp);
  expect(readIpv4(device.takeOne()).dontFragment).toBe(true);
  expect(path.lowerMtu(300)).toBe(true);
  path.send(payload(10), IP_PROTOCOL.udp);
  expect(readIpv4(device.takeOne()).dontFragment).toBe(false);
});

describe("the way back to a stranger", () => {
  test("is as new each time: nothing of the answer before sticks to it", () => {
    const { bench, net, device } = onEthernet();
    bench.knows(1, GATEWAY, 0x0200_0000_0009 as typeof PEER_MAC);
    const back = (remote: IpAddress, local: IpAddress): NetPath => {
      const path = net.pathBack(remote, local);
      if (typeof path === "string") throw new Error(path);
      return path;
    };
    const first = back(PEER_V4, OUR_V4);
    Object.assign(first, { hopLimit: 7, trafficClass: 0x2e, dontFragment: false, multicastLoop: false });
    const second = back(GATEWAY, OUR_V4);
    expect(second).toBe(first);
    expect(second).toMatchObject({ remote: GATEWAY, hopLimit: 0, trafficClass: 0, multicastLoop: true });
    second.send(payload(1), IP_PROTOCOL.udp);
    const sent = device.takeOne();
    expect(readEthernet(sent).destination).toBe(0x0200_0000_0009);
    expect(readIpv4(sent)).toMatchObject({ hopLimit: 64, trafficClass: 0, dontFragment: true });
    expect(back(PEER_V6, OUR_V6)).toMatchObject({ local: OUR_V6, headerSize: 40, mtu: 1_500 });
  });

  test("where there is none says why, and the next one is none the worse", () => {
    const { net, device } = onEthernet();
    expect(net.pathBack(FAR, OUR_V4)).toBe("ENETUNREACH");
    const path = net.pathBack(PEER_V4, OUR_V4);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(1), IP_PROTOCOL.udp);
    expect(readIpv4(device.takeOne()).destination).toEqual(PEER_V4);
  });
});

test("forward progress keeps the neighbor from being asked (RFC 4861 §7.3.1)", () => {
  const { bench, net, device } = onEthernet();
  const path = pathOf(net, PEER_V4);
  path.send(payload(1), IP_PROTOCOL.udp);
  path.confirmReachable();
  device.take();
  bench.advance(seconds(10));
  expect(device.take()).toEqual([]);
  expect(net.neighbors().find(({ address }) => address.equals(PEER_V4))?.state).toBe("reachable");
});

test("a neighbor that does not answer is told to the transport, with the packet's own header (EHOSTUNREACH)", () => {
  const { bench, net } = onEthernet();
  const remote = ip("10.0.0.77");
  pathOf(net, remote).send(payload(12, 0x11), IP_PROTOCOL.udp);
  bench.advance(seconds(3));
  expect(bench.udp.errors).toEqual([
    {
      kind: "host-unreachable",
      code: "EHOSTUNREACH",
      mtu: 0,
      type: 3,
      icmpCode: 1,
      reporter: OUR_V4,
      local: OUR_V4,
      remote,
      protocol: 17,
      quote: new Uint8Array(12).fill(0x11),
    },
  ]);
});

describe("to the host itself", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.9.9.9", "127.0.0.1"],
    ["10.0.0.1", "10.0.0.1"],
    ["::1", "::1"],
    ["fd00::1", "fd00::1"],
  ])("%s goes by the loopback interface, from %s", (text, source) => {
    const bench = new Bench();
    const loopback = bench.tunnel("lo", "127.0.0.1/8", "::1/128");
    bench.ethernet("eth0", PEER_MAC, "10.0.0.1/24", "fd00::1/64");
    const path = pathOf(bench.net, ip(text));
    expect(path).toMatchObject({ local: ip(source), isLoopback: true });
    path.send(payload(5), IP_PROTOCOL.udp);
    expect(bench.receive(1, loopback.takeOne())).toBe(undefined);
    expect(bench.udp.received[0]).toMatchObject({ source: ip(source), destination: ip(text) });
  });

  test("without a loopback interface there is no way", () => {
    const { net } = onEthernet();
    expect(net.pathTo(OUR_V4)).toBe("ENETUNREACH");
  });
});

describe("addresses that mean something on one link only", () => {
  test.each([
    ["fe80::99", "fe80::ff:fe00:22"],
    ["fe80::99", "fd01::1"],
  ])("%s is reached by the interface of the local address %s (RFC 4007 §6)", (remote, local) => {
    const bench = new Bench();
    const first = bench.ethernet("eth0", 0x0200_0000_0021 as typeof PEER_MAC);
    const second = bench.ethernet("eth1", 0x0200_0000_0022 as typeof PEER_MAC, "fd01::1/64");
    const path = pathOf(bench.net, ip(remote), ip(local));
    path.send(payload(1), IP_PROTOCOL.udp);
    expect(first.take()).toEqual([]);
    expect(second.take()).toHaveLength(1);
  });

  test("so is a limited broadcast (RFC 1122 §3.3.6)", () => {
    const bench = new Bench();
    const first = bench.ethernet("eth0", 0x0200_0000_0021 as typeof PEER_MAC, "10.0.0.1/24");
    const second = bench.ethernet("eth1", 0x0200_0000_0022 as typeof PEER_MAC, "10.1.0.1/24");
    pathOf(bench.net, ip("255.255.255.255"), ip("10.1.0.1")).send(payload(1), IP_PROTOCOL.udp);
    expect(first.take()).toEqual([]);
    expect(second.take()).toHaveLength(1);
  });
});

describe("to a group", () => {
  const GROUP = ip("239.1.2.3");

  function linked(): { bench: Bench; first: KeptDevice; second: KeptDevice } {
    const bench = new Bench();
    bench.tunnel("lo", "127.0.0.1/8", "::1/128");
    const first = bench.ethernet("eth0", 0x0200_0000_0021 as typeof PEER_MAC);
    const second = bench.ethernet("eth1", 0x0200_0000_0022 as typeof PEER_MAC, "10.1.0.1/24");
    return { bench, first, second };
  }

  test("by the first link, other than the loopback, with an address to speak from", () => {
    const { bench, first, second } = linked();
    pathOf(bench.net, GROUP).send(payload(1), IP_PROTOCOL.udp);
    expect([first.take().length, second.take().length]).toEqual([0, 1]);
    pathOf(bench.net, ip("ff0e::9")).send(payload(1), IP_PROTOCOL.udp);
    expect([first.take().length, second.take().length]).toEqual([1, 0]);
  });

  test("where a route leads, if there is one", () => {
    const { bench, first, second } = linked();
    bench.net.addAddress(2, ip("10.2.0.1"), 24, { duplicateDetection: false });
    bench.net.routes.add({ ...defaultRoute(GATEWAY), gateway: undefined, interfaceIndex: 3 });
    pathOf(bench.net, GROUP).send(payload(1), IP_PROTOCOL.udp);
    expect([first.take().length, second.take().length]).toEqual([0, 1]);
  });

  test("a host without a link speaks to itself, one without any interface to nobody", () => {
    const bench = new Bench();
    expect(bench.net.pathTo(GROUP)).toBe("ENETUNREACH");
    bench.tunnel("lo", "127.0.0.1/8");
    expect(pathOf(bench.net, GROUP)).toMatchObject({ isLoopback: true });
  });
});

test("in the strong host model a packet leaves by the interface of its source (RFC 1122 §3.3.4.2)", () => {
  for (const [hostModel, frames] of [
    ["weak", [1, 0]],
    ["strong", [0, 1]],
  ] as const) {
    const bench = new Bench({ hostModel });
    const first = bench.tunnel("tun0", "10.0.0.1/24");
    const second = bench.tunnel("tun1", "10.1.0.1/24");
    bench.net.routes.add({ ...defaultRoute(GATEWAY), gateway: undefined });
    bench.net.routes.add({ ...defaultRoute(GATEWAY), gateway: undefined, interfaceIndex: 2, metric: 9 });
    pathOf(bench.net, FAR, ip("10.1.0.1")).send(payload(1), IP_PROTOCOL.udp);
    expect([first.take().length, second.take().length]).toEqual(frames);
  }
});
