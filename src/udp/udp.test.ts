import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readUint16, writeUint16 } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { DropCounters, type DropReason } from "../base/drop-reason.ts";
import type { ErrorCode } from "../base/errors.ts";
import { type ChecksumState, PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { UdpHeader, udpChecksum, udpChecksumIsGood } from "../wire/udp.ts";
import { Udp } from "./udp.ts";
import type { IcmpError, NetPath, UdpContext } from "./udp-context.ts";
import type { UdpEndpoint, UdpOptions } from "./udp-endpoint.ts";

const US4 = ip("192.0.2.2");
const US6 = ip("2001:db8::2");
const PEER4 = ip("192.0.2.1");
const PEER6 = ip("2001:db8::1");
const GROUP4 = ip("239.1.2.3");
const BROADCAST = ip("192.0.2.255");

interface Sent {
  from: string;
  to: string;
  bytes: Uint8Array;
  hopLimit: number;
  trafficClass: number;
  dontFragment: boolean;
  segmentSize: number;
}

/** As a device does it: what the field holds is the pseudo-header's part. */
function completeChecksum(packet: PacketBuffer, local: IpAddress, remote: IpAddress): void {
  const { bytes, start, end } = packet;
  const sum = checksum(bytes, start, end);
  writeUint16(bytes, start + 6, 0);
  expect(sum).toBe(udpChecksum(local, remote, bytes, start, end));
  writeUint16(bytes, start + 6, sum);
}

/** A host of one interface whose network layer writes down what it is given. */
class World implements UdpContext {
  readonly now = 5_000 as Instant;
  readonly random = new SeededRandom(7);
  readonly sent: Sent[] = [];
  readonly drops = new DropCounters();
  readonly joined: string[] = [];
  readonly udp = new Udp(this);
  cutsUdp = false;
  wakes = 0;
  paths = 0;
  /** The interface that each of them was asked to lead by. */
  readonly scopes: number[] = [];
  noPath: ErrorCode | undefined;
  sendError: ErrorCode | undefined;

  pathTo(remote: IpAddress, local?: IpAddress, scope = 0): NetPath | ErrorCode {
    if (this.noPath !== undefined) return this.noPath;
    this.paths++;
    this.scopes.push(scope);
    const world: World = this;
    const path: NetPath = {
      local: local ?? (remote.family === 4 ? US4 : US6),
      remote,
      mtu: 1_500,
      linkMtu: 1_500,
      headerSize: remote.family === 4 ? 20 : 40,
      offload: { cutsUdp: world.cutsUdp, maxSuperSegment: world.cutsUdp ? 65_535 : 0 },
      hopLimit: 0,
      trafficClass: 0,
      dontFragment: true,
      multicastLoop: true,
      send(packet: PacketBuffer, protocol: number): ErrorCode | undefined {
        expect(protocol).toBe(IP_PROTOCOL.udp);
        if (world.sendError !== undefined) return world.sendError;
        if (packet.checksum === "partial") completeChecksum(packet, path.local, remote);
        expect(udpChecksumIsGood(path.local, remote, packet.bytes, packet.start, packet.end)).toBe(true);
        expect(readUint16(packet.bytes, packet.start + 6)).not.toBe(0);
        const { hopLimit, trafficClass, dontFragment } = path;
        const header = new UdpHeader();
        expect(header.read(packet.bytes, packet.start, packet.end)).toBeUndefined();
        expect(header.length).toBe(packet.length);
        world.sent.push({
          from: `${path.local} ${header.sourcePort}`,
          to: `${remote} ${header.destinationPort}`,
          bytes: packet.bytes.slice(packet.start + 8, packet.end),
          hopLimit,
          trafficClass,
          dontFragment,
          segmentSize: packet.segmentSize,
        });
        return undefined;
      },
    };
    return path;
  }

  isLocal(address: IpAddress): boolean {
    return address.equals(US4) || address.equals(US6);
  }

  isBroadcast(address: IpAddress): boolean {
    return address.isLimitedBroadcast || address.equals(BROADCAST);
  }

  packet(): PacketBuffer {
    return new PacketBuffer(2_048);
  }

  dropped(reason: DropReason): void {
    this.drops.count(reason);
  }

  wake(): void {
    this.wakes++;
  }

  groupInterface(_group: IpAddress, wanted: number): number | undefined {
    return wanted > 3 ? undefined : wanted || 1;
  }

  joinGroup(group: IpAddress, interfaceIndex: number): void {
    this.joined.push(`${group} ${interfaceIndex}`);
  }

  leaveGroup(group: IpAddress, interfaceIndex: number): void {
    this.joined.splice(this.joined.indexOf(`${group} ${interfaceIndex}`), 1);
  }

  bound(port: number, address?: IpAddress, options: Partial<UdpOptions> = {}): UdpEndpoint {
    const endpoint = this.udp.open({ family: 4, ...options });
    expect(endpoint.bind(address, port)).toBeUndefined();
    return endpoint;
  }

  /** A datagram from the peer's port 9. */
  arrives(port: number, text: string, how: Arrival = {}): DropReason | undefined {
    const destination = how.to ?? US4;
    const source = how.from ?? (destination.family === 4 ? PEER4 : PEER6);
    const payload = Uint8Array.from(text, character => character.charCodeAt(0));
    const bytes = new Uint8Array(8 + payload.length + (how.trailer ?? 0));
    const header = new UdpHeader();
    header.sourcePort = how.fromPort ?? 9;
    header.destinationPort = port;
    header.length = 8 + payload.length;
    bytes.set(payload, header.write(bytes, 0));
    writeUint16(bytes, 6, how.checksum ?? udpChecksum(source, destination, bytes, 0, header.length));
    if (how.length !== undefined) writeUint16(bytes, 4, how.length);
    const packet = PacketBuffer.from(bytes);
    packet.transport = packet.start;
    packet.end -= how.missing ?? 0;
    packet.receivedAt = 4_999 as Instant;
    packet.checksum = how.state ?? "unknown";
    packet.segmentSize = how.segmentSize ?? 0;
    const isGroup = how.isGroup ?? destination.isMulticast;
    return this.udp.receive(packet, {
      source,
      destination,
      hopLimit: 61,
      trafficClass: 0x2e,
      isGroup,
      interfaceIndex: 3,
    });
  }

  /** An ICMP error about a datagram that we sent. */
  fails(
    kind: string,
    code: ErrorCode,
    localPort: number,
    remotePort: number,
    remote = PEER4,
    quoted = 8,
  ): boolean {
    const quote = new Uint8Array(quoted);
    writeUint16(quote, 0, localPort);
    writeUint16(quote, 2, remotePort);
    const error: IcmpError = {
      kind,
      code,
      mtu: 0,
      type: 3,
      icmpCode: 3,
      reporter: ip("198.51.100.1"),
      local: remote.family === 4 ? US4 : US6,
      remote,
      quote,
    };
    return this.udp.icmpError(error);
  }
}

interface Arrival {
  to?: IpAddress;
  from?: IpAddress;
  fromPort?: number;
  checksum?: number;
  state?: ChecksumState;
  segmentSize?: number;
  isGroup?: boolean;
  /** What the length field says, bytes behind the datagram, and bytes cut off. */
  length?: number;
  trailer?: number;
  missing?: number;
}

function text(endpoint: UdpEndpoint): string | undefined {
  const datagram = endpoint.receive();
  return datagram && String.fromCharCode(...datagram.bytes);
}

const BYTES = Uint8Array.of(1, 2, 3);

describe("receiving", () => {
  test("a datagram comes with all that its headers say", () => {
    const world = new World();
    const endpoint = world.bound(53);
    expect(world.arrives(53, "hello", { fromPort: 4_000 })).toBeUndefined();
    expect(endpoint.receive()).toEqual({
      bytes: Uint8Array.from([104, 101, 108, 108, 111]),
      source: PEER4,
      sourcePort: 4_000,
      destination: US4,
      hopLimit: 61,
      trafficClass: 0x2e,
      interfaceIndex: 3,
      receivedAt: 4_999,
      segmentSize: 0,
    });
    expect(endpoint.receive()).toBeUndefined();
  });

  test("a bad checksum is refused, unless the device has verified it", () => {
    const world = new World();
    const endpoint = world.bound(53);
    expect(world.arrives(53, "a", { checksum: 0x1234 })).toBe("udp-bad-checksum");
    expect(world.arrives(53, "b", { checksum: 0x1234, state: "valid" })).toBeUndefined();
    expect(world.arrives(53, "c", { checksum: 0x1234, state: "partial" })).toBeUndefined();
    expect([text(endpoint), text(endpoint)]).toEqual(["b", "c"]);
    expect(world.udp.counters.malformed).toBe(1);
  });

  test("no checksum is good in IPv4 (RFC 768) and bad in IPv6 (RFC 8200 §8.1)", () => {
    const world = new World();
    world.bound(53, undefined, { family: 6 });
    expect(world.arrives(53, "a", { checksum: 0 })).toBeUndefined();
    expect(world.arrives(53, "a", { checksum: 0, to: US6 })).toBe("udp-no-checksum");
    expect(world.arrives(53, "a", { checksum: 0, to: US6, state: "valid" })).toBe("udp-no-checksum");
  });

  test("the length is between 8 and what the IP packet holds; bytes behind it are not delivered", () => {
    const world = new World();
    const endpoint = world.bound(53);
    expect(world.arrives(53, "abc", { length: 7 })).toBe("udp-bad-length");
    expect(world.arrives(53, "abc", { length: 12 })).toBe("udp-bad-length");
    expect(world.arrives(53, "", { missing: 1 })).toBe("udp-truncated");
    expect(world.arrives(53, "abc", { trailer: 5 })).toBeUndefined();
    expect(text(endpoint)).toBe("abc");
  });

  test("any bytes are a datagram or a reason, never an exception", () => {
    const world = new World();
    world.bound(0x0101);
    const delivery = {
      source: PEER4,
      destination: US4,
      hopLimit: 1,
      trafficClass: 0,
      isGroup: false,
      interfaceIndex: 1,
    };
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 9)), { maxLength: 24 }), bytes => {
        const packet = PacketBuffer.from(Uint8Array.from(bytes));
        packet.transport = packet.start;
        world.udp.receive(packet, delivery);
      }),
    );
  });

  test("nobody there: the network layer hears of it and answers port unreachable", () => {
    const world = new World();
    world.bound(53, US4);
    expect(world.arrives(54, "a")).toBe("udp-no-port");
    expect(world.arrives(53, "a", { to: US6 })).toBe("udp-no-port");
    expect(world.udp.counters.noPort).toBe(2);
  });

  test("a connected endpoint hears its peer alone", () => {
    const world = new World();
    const endpoint = world.bound(53);
    endpoint.connect(PEER4, 9);
    expect(world.arrives(53, "a", { fromPort: 10 })).toBe("udp-no-port");
    expect(world.arrives(53, "a", { from: ip("192.0.2.7") })).toBe("udp-no-port");
    expect(world.arrives(53, "a")).toBeUndefined();
    endpoint.disconnect();
    expect(world.arrives(53, "a", { fromPort: 10 })).toBeUndefined();
  });

  test("multicast and broadcast go to every endpoint that matches, each with bytes of its own", () => {
    const world = new World();
    const share = { reuseAddress: true };
    const [one, two] = [world.bound(53, undefined, share), world.bound(53, undefined, share)];
    const elsewhere = world.bound(53, US4, share);
    const group = world.bound(53, GROUP4, share);
    expect(world.arrives(53, "a", { to: GROUP4 })).toBeUndefined();
    expect([one, two, elsewhere, group].map(endpoint => endpoint.readable)).toEqual([1, 1, 0, 1]);
    expect(one.receive()?.bytes).not.toBe(two.receive()?.bytes);
    expect(world.arrives(53, "a", { to: BROADCAST, isGroup: true })).toBeUndefined();
    expect([one, two, elsewhere, group].map(endpoint => endpoint.readable)).toEqual([1, 1, 0, 1]);
    expect(world.arrives(54, "a", { to: GROUP4 })).toBe("udp-no-port");
  });

  test("one for one host, that came to all on the link, is for one endpoint", () => {
    const world = new World();
    const share = { family: 6, reuseAddress: true } as const;
    const [one, two] = [world.bound(53, undefined, share), world.bound(53, undefined, share)];
    expect(world.arrives(53, "a", { to: US6, isGroup: true })).toBeUndefined();
    expect([one.readable, two.readable]).toEqual([0, 1]);
  });

  test("nobody there is counted, for a group too", () => {
    const world = new World();
    world.arrives(54, "a");
    world.arrives(54, "a", { to: GROUP4 });
    expect(world.udp.counters.noPort).toBe(2);
  });

  test("what the receive buffer has no room for is dropped and counted", () => {
    const world = new World();
    const endpoint = world.bound(53, undefined, { receiveBufferSize: 1_000 });
    const answers = Array.from({ length: 4 }, () => world.arrives(53, "x".repeat(300)));
    expect(answers).toEqual([undefined, undefined, "udp-buffer-full", "udp-buffer-full"]);
    expect(endpoint.counters.bufferFull).toBe(2);
    endpoint.receive();
    expect(world.arrives(53, "x".repeat(300))).toBeUndefined();
  });

  describe("a super-datagram: several of one size behind one header", () => {
    const joined = { segmentSize: 3, state: "partial" } as const;

    test("is delivered as the datagrams that it was joined from, each counted", () => {
      const world = new World();
      const endpoint = world.bound(53);
      expect(world.arrives(53, "abcdefgh", joined)).toBeUndefined();
      expect([text(endpoint), text(endpoint), text(endpoint), text(endpoint)]).toEqual([
        "abc",
        "def",
        "gh",
        undefined,
      ]);
      expect(endpoint.counters).toMatchObject({ receivedDatagrams: 3, receivedBytes: 8 });
      expect(world.udp.counters.receivedDatagrams).toBe(3);
      expect(world.arrives(53, "ab", joined)).toBeUndefined();
      expect(world.arrives(53, "", joined)).toBeUndefined();
      expect([text(endpoint), text(endpoint)]).toEqual(["ab", ""]);
    });

    test("those that the receive buffer has no room for are dropped, each counted", () => {
      const world = new World();
      const endpoint = world.bound(53, undefined, { receiveBufferSize: 2 * (128 + 3) });
      expect(world.arrives(53, "abcdefghijkl", joined)).toBe("udp-buffer-full");
      // The answer stands for one of the two.
      expect(world.drops.get("udp-buffer-full")).toBe(1);
      expect([endpoint.readable, endpoint.counters.bufferFull]).toEqual([2, 2]);
      expect(world.udp.counters).toMatchObject({ receivedDatagrams: 2, bufferFull: 2 });
    });

    test("to a group: each endpoint gets them all", () => {
      const world = new World();
      const both = [1, 2].map(() => world.bound(53, undefined, { reuseAddress: true }));
      world.arrives(53, "abcd", { ...joined, to: GROUP4 });
      expect(both.map(endpoint => [text(endpoint), text(endpoint)])).toEqual([
        ["abc", "d"],
        ["abc", "d"],
      ]);
    });

    test("stays joined for who takes it so, and has room or none as a whole", () => {
      const world = new World();
      const endpoint = world.bound(53, undefined, { receiveBufferSize: 128 + 128 + 9 });
      endpoint.takesJoined = true;
      world.arrives(53, "abcdefgh", joined);
      world.arrives(53, "abcd", joined);
      expect(endpoint.receive()).toMatchObject({ bytes: { length: 8 }, segmentSize: 3 });
      expect(endpoint.receive()).toBeUndefined();
      expect(endpoint.counters).toMatchObject({ receivedDatagrams: 3, receivedBytes: 8, bufferFull: 2 });
      expect(world.udp.counters).toMatchObject({ receivedDatagrams: 3, bufferFull: 2 });
      world.arrives(53, "xy", joined);
      expect(endpoint.receive()).toMatchObject({ bytes: { length: 2 }, segmentSize: 0 });
    });

    test("to nobody: one answer for all", () => {
      const world = new World();
      expect(world.arrives(53, "abcd", joined)).toBe("udp-no-port");
      expect(world.udp.counters.noPort).toBe(2);
    });
  });

  test("empty datagrams fill the buffer too", () => {
    const world = new World();
    const endpoint = world.bound(53);
    let taken = 0;
    while (taken < 10_000 && world.arrives(53, "") === undefined) taken++;
    expect(taken).toBeLessThan(5_000);
    expect(endpoint.receive()?.bytes.length).toBe(0);
  });
});

describe("sending", () => {
  test("an endpoint that is not bound gets an ephemeral port and the address of the path", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 4 });
    expect(endpoint.send(BYTES, { address: PEER4, port: 53 })).toBeUndefined();
    expect(endpoint.localPort).toBeGreaterThanOrEqual(32_768);
    expect(world.sent).toMatchObject([
      { from: `192.0.2.2 ${endpoint.localPort}`, to: "192.0.2.1 53", bytes: BYTES },
    ]);
    expect(world.arrives(endpoint.localPort, "a")).toBeUndefined();
  });

  test("a computed checksum of zero is sent as 0xffff (RFC 768)", () => {
    const world = new World();
    const endpoint = world.bound(53);
    // The word that makes the sum come out as all ones is what the checksum of the rest says.
    const rest = new Uint8Array(10);
    const header = new UdpHeader();
    header.sourcePort = 53;
    header.destinationPort = 9;
    header.length = 10;
    header.write(rest, 0);
    const payload = new Uint8Array(2);
    writeUint16(payload, 0, udpChecksum(US4, PEER4, rest, 0, 10));
    expect(endpoint.send(payload, { address: PEER4, port: 9 })).toBeUndefined();
    expect(world.sent.length).toBe(1);
  });

  test("without a destination, connected or given, there is nowhere to send", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 4 });
    expect(endpoint.send(BYTES)).toBe("EDESTADDRREQ");
    endpoint.connect(PEER4, 53);
    expect(endpoint.send(BYTES)).toBeUndefined();
    expect(endpoint.send(BYTES, { address: ip("192.0.2.7"), port: 54 })).toBeUndefined();
    expect(endpoint.send(BYTES)).toBeUndefined();
    expect(world.sent.map(({ to }) => to)).toEqual(["192.0.2.1 53", "192.0.2.7 54", "192.0.2.1 53"]);
    expect(world.paths).toBe(2);
  });

  test("65,507 bytes fit a datagram of IPv4, and 65,527 one of IPv6", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 6 });
    for (const [address, most] of [
      [PEER4, 65_507],
      [PEER6, 65_527],
    ] as const) {
      expect(endpoint.send(new Uint8Array(most), { address, port: 9 })).toBeUndefined();
      expect(endpoint.send(new Uint8Array(most + 1), { address, port: 9 })).toBe("EMSGSIZE");
    }
  });

  describe("several datagrams in one call, as by Linux's UDP_SEGMENT", () => {
    const TO = { address: PEER4, port: 9 };
    const text = Uint8Array.from({ length: 2_500 }, (_, i) => i & 0xff);

    test("are sent one by one, the last one of what is left", () => {
      const world = new World();
      const endpoint = world.bound(53);
      expect(endpoint.sendMany(text, 1_000, TO)).toBeUndefined();
      expect(world.sent.map(({ bytes }) => bytes)).toEqual([
        text.slice(0, 1_000),
        text.slice(1_000, 2_000),
        text.slice(2_000),
      ]);
      expect(endpoint.counters).toMatchObject({ sentDatagrams: 3, sentBytes: 2_500 });
      expect(world.udp.counters.sentDatagrams).toBe(3);
      world.sendError = "ENOBUFS";
      expect(endpoint.sendMany(text, 1_000, TO)).toBe("ENOBUFS");
      expect(endpoint.counters.sentDatagrams).toBe(3);
    });

    test.each([PEER4, PEER6])("go in one piece where the device cuts them: to %s", address => {
      const world = new World();
      world.cutsUdp = true;
      const endpoint = world.bound(53, undefined, { family: 6 });
      expect(endpoint.sendMany(text, 1_000, { address, port: 9 })).toBeUndefined();
      expect(world.sent).toMatchObject([{ bytes: text, segmentSize: 1_000 }]);
      expect(endpoint.counters).toMatchObject({ sentDatagrams: 3, sentBytes: 2_500 });
      endpoint.sendMany(text.subarray(0, 1_000), 1_000, { address, port: 9 });
      expect(world.sent[1]).toMatchObject({ segmentSize: 0 });
    });

    test("are not joined when IP's length has no room for them all", () => {
      const world = new World();
      world.cutsUdp = true;
      const endpoint = world.bound(53, undefined, { family: 6 });
      const most = new Uint8Array(65_535 - 40 - 8 + 1);
      endpoint.sendMany(most, 1_000, { address: PEER6, port: 9 });
      expect(world.sent).toHaveLength(66);
      endpoint.sendMany(most.subarray(1), 1_000, { address: PEER6, port: 9 });
      expect(world.sent).toHaveLength(67);
    });

    test("are at most 128, each within the path's MTU: nothing is sent otherwise, as on Linux 6.18", () => {
      const world = new World();
      const endpoint = world.bound(53);
      const send = (length: number, size: number) => endpoint.sendMany(new Uint8Array(length), size, TO);
      expect(send(1_281, 10)).toBe("EINVAL");
      expect([send(3_000, 1_473), send(1_473, 1_473), send(3_000, 5_000)]).toEqual(Array(3).fill("EMSGSIZE"));
      expect([send(9, -1), send(9, 1.5), send(9, 65_536)]).toEqual(["EINVAL", "EINVAL", "EINVAL"]);
      expect(send(65_508, 1_000)).toBe("EMSGSIZE");
      expect(world.sent).toEqual([]);
      expect([send(1_280, 10), world.sent.length]).toEqual([undefined, 128]);
      expect([send(100, 1_473), send(0, 10), send(3_000, 0)]).toEqual([undefined, undefined, undefined]);
      expect(world.sent.slice(128).map(({ bytes }) => bytes.length)).toEqual([100, 0, 3_000]);
    });
  });

  test("broadcast needs the flag", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 4 });
    const to = { address: BROADCAST, port: 67 };
    expect(endpoint.send(BYTES, to)).toBe("EACCES");
    expect(endpoint.connect(BROADCAST, 67)).toBe("EACCES");
    endpoint.broadcast = true;
    expect(endpoint.send(BYTES, to)).toBeUndefined();
  });

  test("the path is told the endpoint's settings with each datagram; multicast has a hop limit of its own", () => {
    const world = new World();
    const endpoint = world.bound(53);
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    endpoint.hopLimit = 3;
    endpoint.trafficClass = 0x2e;
    endpoint.dontFragment = true;
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    endpoint.send(BYTES, { address: GROUP4, port: 9 });
    expect(world.sent.map(({ hopLimit }) => hopLimit)).toEqual([0, 3, 1]);
    expect(world.sent.map(({ trafficClass }) => trafficClass)).toEqual([0, 0x2e, 0x2e]);
    expect(world.sent.map(({ dontFragment }) => dontFragment)).toEqual([false, true, true]);
    expect(world.paths).toBe(2);
  });

  test("errors of the path are the answer", () => {
    const world = new World();
    const endpoint = world.bound(53);
    world.sendError = "ENOBUFS";
    expect(endpoint.send(BYTES, { address: PEER4, port: 9 })).toBe("ENOBUFS");
    world.noPath = "ENETUNREACH";
    expect(endpoint.send(BYTES, { address: ip("10.0.0.1"), port: 9 })).toBe("ENETUNREACH");
    expect(endpoint.connect(PEER4, 9)).toBe("ENETUNREACH");
    expect(endpoint.counters.sentDatagrams).toBe(0);
  });

  test("IPv6 endpoints speak IPv4, by its own or its mapped addresses, unless v6only", () => {
    const world = new World();
    const dual = world.udp.open({ family: 6 });
    expect(dual.send(BYTES, { address: ip("::ffff:192.0.2.1"), port: 9 })).toBeUndefined();
    expect(dual.send(BYTES, { address: PEER4, port: 9 })).toBeUndefined();
    expect(dual.send(BYTES, { address: PEER6, port: 9 })).toBeUndefined();
    expect(world.sent.map(({ to }) => to)).toEqual(["192.0.2.1 9", "192.0.2.1 9", "2001:db8::1 9"]);
    const v6only = world.udp.open({ family: 6, v6only: true });
    expect(v6only.send(BYTES, { address: PEER4, port: 9 })).toBe("EAFNOSUPPORT");
    expect(world.udp.open({ family: 4 }).send(BYTES, { address: PEER6, port: 9 })).toBe("EAFNOSUPPORT");
  });
});

describe("bind, connect, disconnect, close", () => {
  test("bind takes our own addresses, broadcast and groups, once", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 4 });
    expect(endpoint.bind(ip("192.0.2.77"), 53)).toBe("EADDRNOTAVAIL");
    expect(endpoint.bind(US6, 53)).toBe("EAFNOSUPPORT");
    expect(endpoint.bind(US4, 65_536)).toBe("EINVAL");
    expect(endpoint.bind(US4, 53)).toBeUndefined();
    expect(endpoint.bind(US4, 54)).toBe("EINVAL");
    expect(world.udp.open({ family: 4 }).bind(undefined, 53)).toBe("EADDRINUSE");
    world.bound(54, BROADCAST);
    world.bound(54, GROUP4);
  });

  test("what is bound to a group sends from an address of the host", () => {
    const world = new World();
    const endpoint = world.bound(5_353, GROUP4);
    endpoint.send(BYTES, { address: GROUP4, port: 5_353 });
    expect(world.sent).toMatchObject([{ from: "192.0.2.2 5353" }]);
  });

  test("connect fixes the local address, disconnect frees it, and the port if it was not bound", () => {
    const world = new World();
    const free = world.udp.open({ family: 4 });
    expect(free.disconnect()).toBe("ENOTCONN");
    expect(free.connect(PEER4, 0)).toBe("EINVAL");
    expect(free.connect(PEER4, 9)).toBeUndefined();
    expect([free.localAddress, free.remoteAddress, free.remotePort]).toEqual([US4, PEER4, 9]);
    const port = free.localPort;
    expect(world.arrives(port, "a")).toBeUndefined();
    expect(free.disconnect()).toBeUndefined();
    expect([free.localAddress, free.localPort, free.remoteAddress]).toEqual([undefined, 0, undefined]);
    expect(world.arrives(port, "a")).toBe("udp-no-port");
    const bound = world.bound(53);
    bound.connect(PEER4, 9);
    bound.connect(PEER4, 10);
    expect([bound.localAddress, bound.remotePort]).toEqual([US4, 10]);
    bound.disconnect();
    expect([bound.localAddress, bound.localPort]).toEqual([undefined, 53]);
  });

  test("a connected endpoint answers to no other, and asks for no other way, until it is free again", () => {
    const world = new World();
    const endpoint = world.bound(53);
    endpoint.connect(PEER4, 9);
    expect(endpoint.send(BYTES, { address: ip("192.0.2.7"), port: 9 })).toBeUndefined();
    expect(endpoint.send(BYTES)).toBeUndefined();
    expect(world.sent.map(({ to }) => to)).toEqual(["192.0.2.7 9", "192.0.2.1 9"]);
    endpoint.disconnect();
    expect(endpoint.remotePort).toBe(0);
    expect(endpoint.send(BYTES)).toBe("EDESTADDRREQ");
    world.paths = 0;
    for (let i = 0; i < 2; i++) endpoint.send(BYTES, { address: ip("192.0.2.7"), port: 9 });
    expect(world.paths).toBe(1);
  });

  test.each([-1, 0, 0.5, 65_536])("%d is nobody's port to send to", port => {
    const endpoint = new World().udp.open({ family: 4 });
    expect(endpoint.connect(PEER4, port)).toBe("EINVAL");
    expect(endpoint.send(BYTES, { address: PEER4, port })).toBe("EINVAL");
  });

  test("the last port is one like any", () => {
    const endpoint = new World().bound(65_535);
    expect(endpoint.connect(PEER4, 65_535)).toBeUndefined();
    expect(endpoint.localPort).toBe(65_535);
  });

  test("what is bound to one address is connected from there, and goes back there", () => {
    const world = new World();
    const endpoint = world.bound(53, BROADCAST);
    endpoint.connect(PEER4, 9);
    expect(endpoint.localAddress).toEqual(BROADCAST);
    endpoint.disconnect();
    expect([endpoint.localAddress, endpoint.localPort]).toEqual([BROADCAST, 53]);
  });

  test("multicasts leave from the address that was set for them, at once; others do not", () => {
    const world = new World();
    const endpoint = world.bound(53);
    const other = ip("192.0.2.3");
    endpoint.send(BYTES, { address: GROUP4, port: 9 });
    endpoint.setMulticastInterface(2, other);
    endpoint.send(BYTES, { address: GROUP4, port: 9 });
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    expect(world.sent.map(({ from }) => from)).toEqual(["192.0.2.2 53", "192.0.2.3 53", "192.0.2.2 53"]);
    expect(world.scopes).toEqual([0, 2, 0]);
  });

  test("a closed endpoint frees its port, leaves its groups, and does nothing more", () => {
    const world = new World();
    const endpoint = world.bound(53);
    expect(endpoint.joinGroup(PEER4)).toBe("EINVAL");
    expect(endpoint.joinGroup(GROUP4, 2)).toBeUndefined();
    expect(endpoint.joinGroup(GROUP4, 2)).toBe("EADDRINUSE");
    expect(endpoint.leaveGroup(GROUP4, 1)).toBe("EADDRNOTAVAIL");
    expect(world.joined).toEqual(["239.1.2.3 2"]);
    let calls = 0;
    endpoint.onReadable = () => calls++;
    world.arrives(53, "a");
    endpoint.close();
    endpoint.close();
    world.udp.deliver();
    expect(calls).toBe(0);
    expect(world.joined).toEqual([]);
    expect(endpoint.send(BYTES, { address: PEER4, port: 9 })).toBe("EBADF");
    expect([endpoint.bind(undefined, 53), endpoint.connect(PEER4, 9)]).toEqual(["EBADF", "EBADF"]);
    expect([endpoint.disconnect(), endpoint.joinGroup(GROUP4)]).toEqual(["EBADF", "EBADF"]);
    expect(world.arrives(53, "a")).toBe("udp-no-port");
    world.bound(53);
  });

  test("when all ephemeral ports are taken there is none (RFC 6056 §3.3.1)", () => {
    const world = new World();
    for (let port = 32_768; port <= 60_999; port++) if (port !== 50_000) world.bound(port);
    const last = world.bound(0);
    expect(last.localPort).toBe(50_000);
    expect(world.udp.open({ family: 4 }).bind(undefined, 0)).toBe("EADDRINUSE");
    expect(world.udp.open({ family: 6, v6only: true }).bind(undefined, 0)).toBeUndefined();
  });
});

describe("listeners", () => {
  test("they are called after the pump, once for all that came, and again when more comes", () => {
    const world = new World();
    const endpoint = world.bound(53);
    const calls: number[] = [];
    endpoint.onReadable = () => calls.push(endpoint.readable);
    world.arrives(53, "a");
    world.arrives(53, "b");
    expect(calls).toEqual([]);
    expect(world.wakes).toBe(1);
    world.udp.deliver();
    world.udp.deliver();
    expect(calls).toEqual([2]);
    world.arrives(53, "c");
    world.udp.deliver();
    expect(calls).toEqual([2, 3]);
  });

  test("each is called for what has come since, and for nothing else", () => {
    const world = new World();
    const endpoint = world.bound(53);
    const calls: string[] = [];
    endpoint.onReadable = () => calls.push(`${endpoint.readable} wait`);
    endpoint.onError = () => calls.push("error");
    endpoint.onWritable = () => calls.push("room");
    world.sendError = "ENOBUFS";
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    world.udp.writable();
    world.udp.deliver();
    world.sendError = "ENETUNREACH";
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    world.udp.writable();
    world.udp.deliver();
    world.fails("time-exceeded", "EHOSTUNREACH", 53, 9);
    world.udp.deliver();
    world.arrives(53, "a");
    world.udp.deliver();
    expect(calls).toEqual(["room", "error", "1 wait"]);
  });

  test("one that was closed hears neither of room nor of errors", () => {
    const world = new World();
    const endpoint = world.bound(53);
    const calls: string[] = [];
    endpoint.onError = () => calls.push("error");
    endpoint.onWritable = () => calls.push("room");
    world.sendError = "ENOBUFS";
    endpoint.send(BYTES, { address: PEER4, port: 9 });
    world.udp.writable();
    world.fails("time-exceeded", "EHOSTUNREACH", 53, 9);
    endpoint.close();
    world.udp.deliver();
    expect(calls).toEqual([]);
  });

  test("what a listener causes is told with the next call; one closed meanwhile hears nothing", () => {
    const world = new World();
    const [one, two] = [world.bound(53), world.bound(54)];
    const calls: string[] = [];
    one.onReadable = () => {
      calls.push("one");
      two.close();
      one.receive();
      world.arrives(53, "again");
    };
    two.onReadable = () => calls.push("two");
    world.arrives(53, "a");
    world.arrives(54, "a");
    world.udp.deliver();
    expect(calls).toEqual(["one"]);
    world.udp.deliver();
    expect(calls).toEqual(["one", "one"]);
  });
});

describe("ICMP errors (RFC 1122 §4.1.3.3)", () => {
  test("a connected endpoint reports a refusal once, by its next operation", () => {
    const world = new World();
    const endpoint = world.udp.open({ family: 4 });
    endpoint.connect(PEER4, 9);
    endpoint.send(BYTES);
    expect(world.fails("port-unreachable", "ECONNREFUSED", endpoint.localPort, 9)).toBe(true);
    expect(endpoint.send(BYTES)).toBe("ECONNREFUSED");
    expect(endpoint.send(BYTES)).toBeUndefined();
    expect(world.fails("port-unreachable", "ECONNREFUSED", endpoint.localPort, 9)).toBe(true);
    expect(endpoint.takeError()).toBe("ECONNREFUSED");
    expect(endpoint.takeError()).toBeUndefined();
  });

  test("an endpoint that is not connected sends on, but may ask what happened", () => {
    const world = new World();
    const endpoint = world.bound(40_000);
    let told = 0;
    endpoint.onError = () => told++;
    expect(world.fails("time-exceeded", "EHOSTUNREACH", 40_000, 33_434)).toBe(true);
    world.udp.deliver();
    expect(told).toBe(1);
    expect(endpoint.send(BYTES, { address: PEER4, port: 9 })).toBeUndefined();
    const error = endpoint.receiveError();
    expect(error).toMatchObject({ kind: "time-exceeded", localPort: 40_000, remotePort: 33_434 });
    expect([error?.reporter, error?.remote].map(String)).toEqual(["198.51.100.1", "192.0.2.1"]);
    expect(endpoint.receiveError()).toBeUndefined();
  });

  test("soft errors do not stop a connected endpoint; too big does if it must not be cut", () => {
    const world = new World();
    const endpoint = world.bound(53);
    endpoint.connect(PEER4, 9);
    for (const kind of ["network-unreachable", "host-unreachable", "time-exceeded", "packet-too-big"]) {
      world.fails(kind, "EHOSTUNREACH", 53, 9);
      expect(endpoint.takeError()).toBeUndefined();
    }
    endpoint.dontFragment = true;
    world.fails("packet-too-big", "EMSGSIZE", 53, 9);
    expect(endpoint.takeError()).toBe("EMSGSIZE");
  });

  test("an error about what no endpoint sent is nobody's; source quench is ignored (RFC 6633 §5)", () => {
    const world = new World();
    const endpoint = world.bound(53);
    endpoint.connect(PEER4, 9);
    expect(world.fails("port-unreachable", "ECONNREFUSED", 53, 10)).toBe(false);
    expect(world.fails("port-unreachable", "ECONNREFUSED", 54, 9)).toBe(false);
    expect(world.fails("port-unreachable", "ECONNREFUSED", 53, 9, ip("192.0.2.7"))).toBe(false);
    expect(world.fails("source-quench", "ENOBUFS", 53, 9)).toBe(false);
    expect(endpoint.takeError()).toBeUndefined();
    expect(endpoint.receiveError()).toBeUndefined();
  });

  test("an error that quotes less than a header is nobody's; those taken are counted", () => {
    const world = new World();
    const endpoint = world.bound(53);
    expect(world.fails("port-unreachable", "ECONNREFUSED", 53, 9, PEER4, 7)).toBe(false);
    expect(world.fails("port-unreachable", "ECONNREFUSED", 53, 9, PEER4, 8)).toBe(true);
    expect([world.udp.counters.icmpErrors, endpoint.counters.icmpErrors]).toEqual([1, 1]);
  });

  test("an endpoint that is not connected is stopped by none (RFC 1122 §4.1.3.3 asks for the connected)", () => {
    const world = new World();
    const endpoint = world.bound(53);
    world.fails("port-unreachable", "ECONNREFUSED", 53, 9);
    expect(endpoint.send(BYTES, { address: PEER4, port: 9 })).toBeUndefined();
    expect(endpoint.takeError()).toBeUndefined();
  });

  test("the queue of errors is bounded: the oldest go", () => {
    const world = new World();
    const endpoint = world.bound(53);
    for (let port = 1; port <= 100; port++) world.fails("time-exceeded", "EHOSTUNREACH", 53, port);
    const ports: number[] = [];
    for (let error = endpoint.receiveError(); error !== undefined; error = endpoint.receiveError()) {
      ports.push(error.remotePort);
    }
    expect([ports.length, ports[0], ports.at(-1)]).toEqual([64, 37, 100]);
  });
});
