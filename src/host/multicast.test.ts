import { describe, expect, test } from "vitest";
import { milliseconds } from "../base/time.ts";
import type { NetDevice } from "../link/net-device.ts";
import { createPair } from "../link/pair.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_A, addHost, type TwoHosts, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import type { UdpEndpoint } from "../udp/udp-endpoint.ts";
import { ip, LOOPBACK_V4 } from "../wire/address.ts";
import type { Host } from "./host.ts";

const GROUP = ip("239.1.2.3");
const GROUP6 = ip("ff15::1:3");
const PORT = 5_353;

function socket(host: Host, family: 4 | 6 = 4): UdpEndpoint {
  const endpoint = host.udp.open({ family, reuseAddress: true });
  expect(endpoint.bind(undefined, PORT)).toBe(undefined);
  return endpoint;
}

function texts(endpoint: UdpEndpoint): string[] {
  const all: string[] = [];
  for (let datagram = endpoint.receive(); datagram !== undefined; datagram = endpoint.receive()) {
    all.push(`${datagram.source} ${String.fromCharCode(...datagram.bytes)}`);
  }
  return all;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

function pair(): TwoHosts & { world: World } {
  const world = new World();
  return { world, ...twoHosts(world) };
}

describe("a group", () => {
  test("is heard by its members here and on the link, each of which may choose whom to hear", () => {
    const { world, a, b } = pair();
    const [first, second, far] = [socket(a), socket(a), socket(b)];
    const index = a.net.interfaces().find(iface => !iface.isLoopback)?.index ?? 0;
    expect(first.joinGroup(GROUP)).toBe(undefined);
    expect(second.joinGroup(GROUP, index, ADDRESS_B)).toBe(undefined);
    expect(far.joinGroup(GROUP)).toBe(undefined);
    first.send(bytes("a"), { address: GROUP, port: PORT });
    world.runFor(milliseconds(10));
    expect([texts(first), texts(second), texts(far)]).toEqual([[`${ADDRESS_A} a`], [], [`${ADDRESS_A} a`]]);
    far.multicastLoop = false;
    far.send(bytes("b"), { address: GROUP, port: PORT });
    world.runFor(milliseconds(10));
    expect([texts(first), texts(second), texts(far)]).toEqual([[`${ADDRESS_B} b`], [`${ADDRESS_B} b`], []]);
  });

  test("of IPv6 as well; and hop limit 0 keeps it in the host", () => {
    const { world, a, b } = pair();
    const [near, far] = [socket(a, 6), socket(b, 6)];
    near.joinGroup(GROUP6);
    far.joinGroup(GROUP6);
    near.multicastHopLimit = 0;
    near.send(bytes("here"), { address: GROUP6, port: PORT });
    near.multicastHopLimit = 2;
    near.send(bytes("there"), { address: GROUP6, port: PORT });
    world.runFor(milliseconds(10));
    expect(texts(near)).toEqual([`${ADDRESS6_A} here`, `${ADDRESS6_A} there`]);
    expect(texts(far)).toEqual([`${ADDRESS6_A} there`]);
  });

  test("is spoken to by the interface that was chosen, from the address that was chosen", () => {
    const { world, a } = pair();
    const endpoint = socket(a);
    const loopback = a.net.interfaces().find(iface => iface.isLoopback)?.index ?? 0;
    endpoint.joinGroup(GROUP, loopback);
    endpoint.send(bytes("out"), { address: GROUP, port: PORT });
    endpoint.setMulticastInterface(loopback, LOOPBACK_V4);
    endpoint.send(bytes("in"), { address: GROUP, port: PORT });
    world.runFor(milliseconds(10));
    expect(texts(endpoint)).toEqual([`${LOOPBACK_V4} in`]);
  });
});

test("a broadcast is heard by all who listen, here and on the link", () => {
  const { world, a, b } = pair();
  const [near, far] = [socket(a), socket(b)];
  near.broadcast = true;
  near.send(bytes("all"), { address: ip("10.0.0.255"), port: PORT });
  world.runFor(milliseconds(10));
  expect([texts(near), texts(far)]).toEqual([[`${ADDRESS_A} all`], [`${ADDRESS_A} all`]]);
});

test("who was told that there is no room is told when there is", () => {
  const world = new World();
  const wire = createPair(world, { medium: "ip", queueLimit: 2 });
  const [near, far] = [ADDRESS_A, ADDRESS_B].map((address, index) => {
    const host = addHost(world, `host ${index}`);
    host.attach(wire[index] as NetDevice, { addresses: [{ address, prefixLength: 24 }] });
    return socket(host);
  }) as [UdpEndpoint, UdpEndpoint];
  const to = { address: ADDRESS_B, port: PORT };
  let calls = 0;
  near.onWritable = () => {
    calls++;
    near.send(bytes("3"), to);
  };
  expect(["1", "2", "3"].map(text => near.send(bytes(text), to))).toEqual([undefined, undefined, "ENOBUFS"]);
  world.runFor(milliseconds(10));
  expect(calls).toBe(1);
  expect(texts(far)).toEqual([`${ADDRESS_A} 1`, `${ADDRESS_A} 2`, `${ADDRESS_A} 3`]);
});
