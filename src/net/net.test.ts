import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeUint16 } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { DROP_REASONS } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { NEVER, seconds } from "../base/time.ts";
import { ALL_NODES, ANY_V6, type IpAddress, ip, solicitedNode } from "../wire/address.ts";
import { type MacAddress, multicastMac, ZERO_MAC } from "../wire/mac-address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { Bench, KeptDevice, onEthernet } from "./net-bench.ts";
import {
  advertisement,
  arpFrame,
  frame,
  frame4,
  frame6,
  icmp,
  ipv4,
  ipv6,
  ndp,
  OUR_MAC,
  OUR_V4,
  OUR_V6,
  PEER_MAC,
  PEER_V4,
  PEER_V6,
  solicitation,
} from "./net-bench-packets.ts";

const DATA = Uint8Array.from({ length: 32 }, (_, index) => index);

/** One of each kind of frame that the layer has something to say to. */
const FRAMES: readonly Uint8Array[] = [
  arpFrame("request", [PEER_MAC, PEER_V4], [ZERO_MAC, OUR_V4]),
  arpFrame("reply", [PEER_MAC, PEER_V4], [OUR_MAC, OUR_V4], OUR_MAC),
  frame4(ipv4({}, DATA)),
  frame4(ipv4({ options: Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 68, 8, 5, 0, 0, 0, 0, 0) }, DATA)),
  frame4(ipv4({ identification: 1, moreFragments: true }, DATA)),
  frame4(ipv4({ identification: 1, fragmentOffset: 32 }, DATA)),
  frame4(ipv4({ destination: ip("192.0.2.9") }, DATA)),
  frame4(ipv4({ protocol: 1 }, icmp(8, 0, 1, DATA))),
  frame4(ipv4({ protocol: 1 }, icmp(3, 4, 1_300, ipv4({ source: OUR_V4, destination: PEER_V4 }, DATA)))),
  frame6(ipv6({}, DATA)),
  frame6(
    ipv6({ nextHeader: 0 }, Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0xc2, 4, 0, 0, 0, 0, ...DATA)),
  ),
  frame6(ipv6({ nextHeader: 43 }, Uint8Array.of(17, 0, 0, 0, 0, 0, 0, 0, ...DATA))),
  frame6(ipv6({ nextHeader: 44 }, Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 1, ...DATA))),
  frame6(ipv6({ nextHeader: 44 }, Uint8Array.of(17, 0, 0, 32, 0, 0, 0, 1, ...DATA))),
  frame6(ipv6({ destination: ip("2001:db8::9") }, DATA)),
  frame6(ipv6({ nextHeader: 58 }, icmp(128, 0, 1, DATA, [PEER_V6, OUR_V6]))),
  frame6(
    ipv6(
      { nextHeader: 58 },
      icmp(2, 0, 1_300, ipv6({ source: OUR_V6, destination: PEER_V6 }, DATA), [PEER_V6, OUR_V6]),
    ),
  ),
  frame6(ndp(solicitation(OUR_V6, PEER_MAC), { source: PEER_V6, destination: solicitedNode(OUR_V6) })),
  frame6(ndp(solicitation(OUR_V6), { source: ANY_V6, destination: solicitedNode(OUR_V6) })),
  frame6(
    ndp(advertisement(PEER_V6, PEER_MAC, { override: true }), { source: PEER_V6, destination: ALL_NODES }),
  ),
];

/** A router with everything on, whose transport answers "nobody there": as much code as can be reached. */
function exposed(): Bench {
  const bench = new Bench({ forwarding: true });
  bench.ethernet("eth0", OUR_MAC, `${OUR_V4}/24`, `${OUR_V6}/64`);
  const far = bench.ethernet("eth1", 0x0200_0000_0012 as MacAddress, "192.0.2.1/24", "2001:db8::1/64");
  far.mtu = 600;
  bench.tunnel("lo", "127.0.0.1/8", "::1/128");
  bench.udp.answer = "udp-no-port";
  return bench;
}

interface Mutation {
  readonly at: number;
  readonly value: number;
}

function mutated(bytes: Uint8Array, mutations: readonly Mutation[], length: number): Uint8Array {
  const result = bytes.slice(0, Math.max(0, bytes.length - length));
  for (const { at, value } of mutations) if (result.length > 0) result[at % result.length] = value;
  return result;
}

/** Makes the IPv4 header's checksum right again, so that what is behind it is looked at. */
function repaired(bytes: Uint8Array): Uint8Array {
  const length = ((bytes[14] ?? 0) & 0xf) * 4;
  if (bytes[12] !== 8 || bytes[13] !== 0 || length < 20 || bytes.length < 14 + length) return bytes;
  writeUint16(bytes, 24, 0);
  writeUint16(bytes, 24, checksum(bytes, 14, 14 + length));
  return bytes;
}

test("what is dropped is shown as it arrived, link header and padding included", () => {
  const { bench, net } = onEthernet();
  const bytes = new Uint8Array(60);
  bytes.set(frame4(ipv4({ destination: ip("10.0.0.7") }, DATA.subarray(0, 4))));
  let shown: Uint8Array | undefined;
  bench.dropped = (_, packet?: PacketBuffer) => {
    shown = packet?.view().slice();
  };
  net.receive(1, PacketBuffer.from(bytes));
  expect(shown).toEqual(bytes);
});

describe("hostile input", () => {
  const mutation = fc.record({ at: fc.nat(120), value: fc.nat(255) });

  test("a damaged frame is dropped for a known reason or taken, and nothing is thrown", () => {
    const bench = exposed();
    fc.assert(
      fc.property(
        fc.constantFrom(...FRAMES),
        fc.array(mutation, { maxLength: 6 }),
        fc.oneof(fc.constant(0), fc.nat(90)),
        (original, mutations, cut) => {
          const bytes = repaired(mutated(original, mutations, cut));
          const dropped = bench.receive(1, bytes);
          if (dropped !== undefined) expect(DROP_REASONS).toContain(dropped);
        },
      ),
      { numRuns: 3_000 },
    );
    bench.advance(seconds(120));
  });

  test("arbitrary bytes on either medium are dropped, and nothing is thrown", () => {
    const bench = exposed();
    const tunnel = bench.tunnel("tun0", "203.0.113.1/24");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        bench.receive(1, bytes);
        bench.receive(4, bytes);
      }),
      { numRuns: 1_000 },
    );
    expect(tunnel.take()).toEqual([]);
  });

  test("the bytes around a frame are never looked at", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FRAMES),
        fc.array(mutation, { maxLength: 3 }),
        fc.nat(60),
        (original, mutations, cut) => {
          const bytes = repaired(mutated(original, mutations, cut));
          const outcomes = [0x00, 0xff].map(around => {
            const bench = exposed();
            const packet = new PacketBuffer(512);
            packet.bytes.fill(around);
            packet.bytes.set(bytes, packet.append(bytes.length));
            bench.net.receive(1, packet);
            return [bench.drops, bench.udp.received, bench.net.counters];
          });
          expect(outcomes[0]).toEqual(outcomes[1]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Two hosts on a wire, each on a bench of its own; `exchange` carries frames until there are none. */
function wire(): { left: Bench; right: Bench; exchange: () => void } {
  const left = new Bench();
  const right = new Bench();
  const leftDevice = left.ethernet("eth0", OUR_MAC, `${OUR_V4}/24`, `${OUR_V6}/64`);
  const rightDevice = right.ethernet("eth0", PEER_MAC, `${PEER_V4}/24`, `${PEER_V6}/64`);
  const exchange = (): void => {
    for (let moved = true; moved; ) {
      const fromLeft = leftDevice.take();
      const fromRight = rightDevice.take();
      for (const bytes of fromLeft) right.receive(1, bytes);
      for (const bytes of fromRight) left.receive(1, bytes);
      moved = fromLeft.length + fromRight.length > 0;
    }
  };
  return { left, right, exchange };
}

describe("two hosts on a wire", () => {
  test.each([
    [PEER_V4, 56],
    [PEER_V4, 20_000],
    [PEER_V6, 56],
    [PEER_V6, 20_000],
  ])(
    "ping %s with %i bytes: resolved, cut, put together, answered",
    (destination: IpAddress, length: number) => {
      const { left, exchange } = wire();
      const data = Uint8Array.from({ length }, (_, index) => index);
      const payloads: Uint8Array[] = [];
      const ping = left.net.openPing(destination.family, {
        reply: reply => payloads.push(reply.payload.slice()),
        error: () => {},
      });
      // A link holds only three packets while it asks for the neighbor, so the large one goes second.
      ping?.send(destination, 1, DATA);
      exchange();
      expect(ping?.send(destination, 2, data)).toBe(undefined);
      exchange();
      expect(payloads).toEqual([DATA, data]);
    },
  );

  test("a port where nobody listens comes back as port-unreachable", () => {
    const { left, right, exchange } = wire();
    right.udp.answer = "udp-no-port";
    for (const remote of [PEER_V4, PEER_V6]) {
      const path = left.net.pathTo(remote);
      if (typeof path === "string") throw new Error(path);
      path.send(PacketBuffer.from(DATA), IP_PROTOCOL.udp);
    }
    exchange();
    expect(left.udp.errors.map(({ kind, quote }) => [kind, quote])).toEqual([
      ["port-unreachable", DATA],
      ["port-unreachable", DATA],
    ]);
  });

  test("two that are given the same address at once both find out (RFC 4862 §5.4, RFC 5227 §2.1.1)", () => {
    const { left, right, exchange } = wire();
    const twice = [ip("10.0.0.50"), ip("fd00::50")];
    for (const bench of [left, right]) for (const address of twice) bench.net.addAddress(1, address, 24);
    for (const bench of [left, right]) bench.net.expire();
    exchange();
    for (const bench of [left, right]) {
      bench.advance(seconds(2));
      for (const address of twice) expect(bench.net.isLocal(address)).toBe(false);
    }
  });

  test("one that takes an address in use finds out, and the other keeps it", () => {
    const { left, right, exchange } = wire();
    for (const address of [PEER_V4, PEER_V6]) left.net.addAddress(1, address, 24);
    left.net.expire();
    exchange();
    left.advance(seconds(2));
    for (const address of [PEER_V4, PEER_V6]) {
      expect(left.net.isLocal(address)).toBe(false);
      expect(right.net.isLocal(address)).toBe(true);
    }
  });
});

describe("interfaces and addresses", () => {
  test("interfaces count from 1, and one without a MAC is given a local one of its own", () => {
    const bench = new Bench();
    const [first, second] = ["a", "b"].map(name => bench.net.addInterface(new KeptDevice(name, "ethernet")));
    expect([first?.index, second?.index]).toEqual([1, 2]);
    expect(first?.mac).not.toBe(second?.mac);
    expect(Math.floor((first?.mac ?? 0) / 0x100_0000_0000) & 3).toBe(2);
  });

  test("an address brings the route to its subnet, and takes it away", () => {
    const { net } = onEthernet();
    const before = net.routes.entries().length;
    net.addAddress(1, ip("172.16.0.1"), 16, { duplicateDetection: false });
    expect(net.routes.lookup(ip("172.16.9.9"))?.interfaceIndex).toBe(1);
    net.removeAddress(1, ip("172.16.0.1"));
    expect(net.routes.entries()).toHaveLength(before);
  });

  test("on a medium without neighbors an address can be used at once", () => {
    const bench = new Bench();
    bench.net.addInterface(new KeptDevice("tun0", "ip"));
    bench.net.addAddress(1, OUR_V4, 24);
    expect(bench.net.isLocal(OUR_V4)).toBe(true);
    expect(bench.net.deadline).toBe(NEVER);
  });

  test("an address that is taken away while it is probed is not probed any more", () => {
    const { bench, net, device } = onEthernet();
    const address = ip("10.0.0.50");
    net.addAddress(1, address, 24);
    net.expire();
    expect(device.take()).toHaveLength(1);
    net.removeAddress(1, address);
    bench.advance(seconds(5));
    expect(device.take()).toEqual([]);
  });

  test("the loopback interface is the one that has a loopback address", () => {
    const { bench, net } = onEthernet();
    bench.tunnel("lo", "127.0.0.1/8", "::1/128");
    const self = (): unknown => net.pathTo(OUR_V4);
    expect(self()).toMatchObject({ isLoopback: true });
    net.removeAddress(2, ip("127.0.0.1"));
    expect(self()).toMatchObject({ isLoopback: true });
    net.removeAddress(2, ip("::1"));
    expect(self()).toBe("ENETUNREACH");
  });

  test("a group that was joined is received", () => {
    const { bench, net } = onEthernet();
    const group = ip("239.1.2.3");
    const packet = frame4(ipv4({ destination: group }, DATA), multicastMac(group));
    expect(bench.receive(1, packet)).toBe("ip-not-for-us");
    net.joinGroup(1, group);
    expect(bench.receive(1, packet)).toBe(undefined);
    net.leaveGroup(1, group);
    expect(bench.receive(1, packet)).toBe("ip-not-for-us");
  });

  test("an unknown EtherType, and on an IP medium an unknown version, are dropped", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame(0x88cc, DATA))).toBe("frame-unknown-type");
    bench.tunnel("tun0", "192.0.2.1/24");
    expect(bench.receive(2, Uint8Array.of(0x50))).toBe("ip-bad-version");
    expect(bench.receive(2, new Uint8Array(0))).toBe("ip-truncated");
  });

  test("a quiet host has no timer", () => {
    const { bench, net } = onEthernet();
    bench.advance(seconds(100));
    expect(net.deadline).toBe(NEVER);
  });
});
