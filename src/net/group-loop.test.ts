import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import type { Duration } from "../base/time.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { type Bench, onEthernet } from "./net-bench.ts";
import { OUR_V4, OUR_V6 } from "./net-bench-packets.ts";
import type { NetPath } from "./transport.ts";

const GROUP_V4 = ip("239.1.2.3");
const GROUP_V6 = ip("ff02::1:3");
const SUBNET_BROADCAST = ip("10.0.0.255");
const AT_ONCE = 0 as Duration;
const TEXT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function pathTo(bench: Bench, remote: IpAddress, local?: IpAddress): NetPath {
  const path = bench.net.pathTo(remote, local);
  if (typeof path === "string") throw new Error(path);
  return path;
}

/** What our own transport received of one packet that was sent there. */
function heard(bench: Bench, path: NetPath, bytes = TEXT): string[] {
  expect(path.send(PacketBuffer.from(bytes), IP_PROTOCOL.udp)).toBe(undefined);
  expect(bench.udp.received, "nobody receives from within his own sending").toEqual([]);
  bench.advance(AT_ONCE);
  return bench.udp.received
    .splice(0)
    .map(({ source, destination, interfaceIndex, hopLimit, payload }) =>
      [source, destination, interfaceIndex, hopLimit, payload.length].join(" "),
    );
}

describe("what is sent to a group comes back to its members on this host (RFC 1112 §6.1)", () => {
  test("by the interface that it left by, once, and the link gets it too", () => {
    const { bench, net, device } = onEthernet();
    net.joinGroup(1, GROUP_V4);
    net.joinGroup(1, GROUP_V6);
    expect(heard(bench, pathTo(bench, GROUP_V4))).toEqual([`${OUR_V4} ${GROUP_V4} 1 1 8`]);
    expect(device.take().length).toBe(1);
    expect(heard(bench, pathTo(bench, GROUP_V6, OUR_V6))).toEqual([`${OUR_V6} ${GROUP_V6} 1 1 8`]);
    expect(device.take().length).toBe(1);
  });

  test("whole, although it leaves in fragments", () => {
    const { bench, net, device } = onEthernet();
    net.joinGroup(1, GROUP_V4);
    const path = pathTo(bench, GROUP_V4);
    path.dontFragment = false;
    expect(heard(bench, path, new Uint8Array(4_000))).toEqual([`${OUR_V4} ${GROUP_V4} 1 1 4000`]);
    expect(device.take().length).toBe(3);
  });

  test("not without a member, and not when the sender does without", () => {
    const { bench, net, device } = onEthernet();
    const path = pathTo(bench, GROUP_V4);
    expect(heard(bench, path)).toEqual([]);
    net.joinGroup(1, GROUP_V4);
    path.multicastLoop = false;
    expect(heard(bench, path)).toEqual([]);
    expect(device.take().length).toBe(2);
  });

  test("a hop limit below one keeps it in this host", () => {
    const { bench, net, device } = onEthernet();
    net.joinGroup(1, GROUP_V4);
    const path = pathTo(bench, GROUP_V4);
    path.hopLimit = -1;
    expect(heard(bench, path)).toEqual([`${OUR_V4} ${GROUP_V4} 1 0 8`]);
    expect(device.take()).toEqual([]);
  });
});

test("a broadcast is for this host too, whatever is said of multicasts (RFC 919 §7)", () => {
  const { bench, device } = onEthernet();
  for (const to of [SUBNET_BROADCAST, ip("255.255.255.255")]) {
    const path = pathTo(bench, to);
    path.multicastLoop = false;
    expect(heard(bench, path)).toEqual([`${OUR_V4} ${to} 1 64 8`]);
    expect(device.take().length).toBe(1);
  }
});

test("what comes from the link in our name is still refused", () => {
  const { bench, net, device } = onEthernet();
  net.joinGroup(1, GROUP_V4);
  heard(bench, pathTo(bench, GROUP_V4));
  const frame = device.takeOne();
  frame[11] = 0x99; // the last octet of the sender's MAC address
  expect(bench.receive(1, frame)).toBe("ip-bad-source");
});

test("so many wait and no more: nobody fills the memory from within one event", () => {
  const { bench, net } = onEthernet();
  net.joinGroup(1, GROUP_V4);
  const path = pathTo(bench, GROUP_V4);
  for (let i = 0; i < 1_010; i++) path.send(PacketBuffer.from(TEXT), IP_PROTOCOL.udp);
  expect(bench.drops).toEqual(Array(10).fill("queue-full"));
  bench.advance(AT_ONCE);
  expect(bench.udp.received.length).toBe(1_000);
});

test("on the loopback interface it comes back by itself; a host without a link speaks there", () => {
  const { bench } = onEthernet();
  bench.tunnel("lo", "127.0.0.1/8", "::1/128");
  const path = pathTo(bench, GROUP_V4, ip("127.0.0.1"));
  expect(path.isLoopback).toBe(true);
  bench.net.joinGroup(2, GROUP_V4);
  expect(heard(bench, path)).toEqual([]);
  const elsewhere = bench.net.pathTo(GROUP_V4, ip("127.0.0.1"), 1);
  expect(elsewhere, "RFC 1122 §3.2.1.3 (g)").toBe("EINVAL");
});
