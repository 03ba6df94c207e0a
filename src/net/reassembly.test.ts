import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeUint16 } from "../base/bytes.ts";
import { DropCounters, type DropReason } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { below, SeededRandom } from "../base/random.ts";
import { type Instant, NEVER, seconds } from "../base/time.ts";
import { type IpAddress, type IpFamily, ip } from "../wire/address.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "../wire/ipv4.ts";
import { Ipv6Header } from "../wire/ipv6.ts";
import { ExtensionChain } from "../wire/ipv6-extensions.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { fragmentIpv4 } from "./ipv4/fragmentation.ts";
import { fragmentIpv6 } from "./ipv6/fragmentation.ts";
import { type Fragment, Reassembly, type ReassemblyOptions } from "./reassembly.ts";

const NOW = 1_000 as Instant;
const SELF: Record<IpFamily, IpAddress> = { 4: ip("192.0.2.2"), 6: ip("2001:db8::2") };
const PEER: Record<IpFamily, IpAddress> = { 4: ip("192.0.2.1"), 6: ip("2001:db8::1") };

interface Made {
  identification?: number;
  source?: IpAddress;
  ecn?: number;
  hopLimit?: number;
}

/** A UDP-like packet of `family` with this payload. */
function whole(family: IpFamily, payload: Uint8Array, made: Made = {}): PacketBuffer {
  const header = family === 4 ? new Ipv4Header() : new Ipv6Header();
  header.source = made.source ?? PEER[family];
  header.destination = SELF[family];
  header.hopLimit = made.hopLimit ?? 64;
  header.trafficClass = 0xb8 | (made.ecn ?? 0);
  if (header instanceof Ipv4Header) {
    header.protocol = IP_PROTOCOL.udp;
    header.identification = made.identification ?? 7;
    header.totalLength = 20 + payload.length;
  } else {
    header.nextHeader = IP_PROTOCOL.udp;
    header.payloadLength = payload.length;
  }
  const bytes = new Uint8Array(60 + payload.length);
  const at = header.write(bytes, 0);
  bytes.set(payload, at);
  return PacketBuffer.from(bytes.subarray(0, at + payload.length));
}

/** Copies of the fragments of a packet, whose pieces have `size` bytes each but the last. */
function cut(packet: PacketBuffer, size: number, identification = 7): PacketBuffer[] {
  const fragments: PacketBuffer[] = [];
  const keep = (fragment: PacketBuffer): undefined => {
    const copy = new PacketBuffer(1);
    copy.copyFrom(fragment);
    fragments.push(copy);
  };
  const scratch = new PacketBuffer(70_000);
  if ((packet.bytes[packet.start] as number) >>> 4 === 4) fragmentIpv4(packet, 20 + size, scratch, keep);
  else fragmentIpv6(packet, 48 + size, identification, scratch, keep);
  return fragments;
}

/** One fragment, made by hand: it may contradict others, and be malformed. */
function piece(
  family: IpFamily,
  offset: number,
  payload: Uint8Array,
  more: boolean,
  made: Made = {},
): PacketBuffer {
  const padded = new Uint8Array(Math.max(8, (payload.length + 7) & ~7));
  padded.set(payload);
  const [fragment] = cut(whole(family, padded, made), padded.length, made.identification) as [PacketBuffer];
  const { bytes, start } = fragment;
  fragment.end -= padded.length - payload.length;
  if (family === 4) {
    const header = new Ipv4Header();
    header.read(bytes, start, start + 20 + padded.length);
    header.fragmentOffset = offset;
    header.moreFragments = more;
    header.totalLength = fragment.length;
    header.write(bytes, start);
  } else {
    writeUint16(bytes, start + 4, fragment.length - 40);
    writeUint16(bytes, start + 42, offset | (more ? 1 : 0));
  }
  return fragment;
}

class Host {
  readonly drops = new DropCounters();
  readonly timedOut: Uint8Array[] = [];
  readonly reassembly: Reassembly;
  readonly #family: IpFamily;
  interfaceIndex = 1;

  constructor(family: IpFamily, options: Partial<ReassemblyOptions> = {}) {
    this.#family = family;
    this.reassembly = new Reassembly({
      family,
      dropped: reason => this.drops.count(reason),
      timedOut: first => this.timedOut.push(first.bytes.slice(first.network, first.end)),
      ...options,
    });
  }

  /** "whole", "waiting", or why it was dropped. */
  receives(packet: PacketBuffer, now: Instant = NOW): "whole" | "waiting" | DropReason {
    const answer = this.offer(packet, now);
    return answer instanceof PacketBuffer ? "whole" : (answer ?? "waiting");
  }

  offer(packet: PacketBuffer, now: Instant = NOW): PacketBuffer | DropReason | undefined {
    return this.reassembly.receive(packet, this.#read(packet), now);
  }

  #read({ bytes, start, end }: PacketBuffer): Fragment {
    if (this.#family === 4) {
      const header = new Ipv4Header();
      expect(header.read(bytes, start, end)).toBeUndefined();
      return {
        source: header.source,
        destination: header.destination,
        protocol: header.protocol,
        identification: header.identification,
        offset: header.fragmentOffset,
        more: header.moreFragments,
        interfaceIndex: this.interfaceIndex,
        payload: start + header.headerLength,
        nextHeaderAt: -1,
      };
    }
    const header = new Ipv6Header();
    const chain = new ExtensionChain();
    expect(header.read(bytes, start, end)).toBeUndefined();
    expect(chain.read(header, bytes, start, end)).toBeUndefined();
    return {
      source: header.source,
      destination: header.destination,
      protocol: bytes[chain.fragmentAt] as number,
      identification: chain.fragment.identification,
      offset: chain.fragment.offset,
      more: chain.fragment.moreFragments,
      interfaceIndex: this.interfaceIndex,
      payload: chain.fragmentAt + 8,
      nextHeaderAt: start + 6,
    };
  }
}

function filled(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(seed).fill(bytes);
  return bytes;
}

describe.each([4, 6] as const)("IPv%i", family => {
  test("the fragments of a packet in any order, some twice, give the packet once", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 3_000 }),
        fc.integer({ min: 3, max: 60 }),
        fc.nat(),
        (length, units, seed) => {
          const random = new SeededRandom(seed);
          const packet = whole(family, filled(length, seed));
          const fragments = cut(packet, units * 8);
          const arriving = [...fragments, ...fragments.filter(() => below(random, 4) === 0)];
          for (let i = arriving.length - 1; i > 0; i--) {
            const k = below(random, i + 1);
            [arriving[i], arriving[k]] = [arriving[k] as PacketBuffer, arriving[i] as PacketBuffer];
          }
          const host = new Host(family);
          const made: Uint8Array[] = [];
          for (const fragment of arriving) {
            const answer = host.offer(fragment);
            if (answer instanceof PacketBuffer) {
              expect(answer.network).toBe(answer.start);
              expect(answer.transport).toBe(answer.end - length);
              made.push(answer.view().slice());
              break;
            }
            expect(answer).toBeUndefined();
          }
          expect(made).toEqual([packet.view()]);
          expect(host.reassembly.size).toBe(0);
          expect(host.reassembly.memory).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("any overlap drops the whole datagram, and what still comes of it (RFC 5722 §4, RFC 8900 §3.7)", () => {
    const overlaps: Array<[offset: number, length: number]> = [
      [8, 32],
      [32, 16],
      [0, 64],
      [24, 8],
      [16, 24],
    ];
    for (const [offset, length] of overlaps) {
      const host = new Host(family);
      expect(host.receives(piece(family, 16, filled(32), true))).toBe("waiting");
      const { memory } = host.reassembly;
      expect(host.receives(piece(family, offset, filled(length, 2), true))).toBe("fragment-overlap");
      expect(host.reassembly.memory).toBeLessThan(memory);
      expect(host.receives(piece(family, 0, filled(16), true))).toBe("fragment-overlap");
      expect(host.receives(piece(family, 48, filled(8), false))).toBe("fragment-overlap");
      host.reassembly.expire(host.reassembly.deadline);
      expect(host.timedOut).toEqual([]);
      expect(host.reassembly.memory).toBe(0);
    }
  });

  test("an exact duplicate is ignored; one with other bytes is an overlap (RFC 8200 §4.5)", () => {
    const host = new Host(family);
    expect(host.receives(piece(family, 16, filled(32), true))).toBe("waiting");
    expect(host.receives(piece(family, 16, filled(32), true))).toBe("waiting");
    expect(host.receives(piece(family, 16, filled(32, 2), true))).toBe("fragment-overlap");
  });

  test("fragments that contradict each other on where the datagram ends drop it", () => {
    const contradictions: Array<[offset: number, length: number, more: boolean]> = [
      [64, 8, true],
      [64, 8, false],
      [24, 8, true],
      [8, 16, false],
      [32, 8, true],
    ];
    for (const [offset, length, more] of contradictions) {
      const host = new Host(family);
      expect(host.receives(piece(family, 32, filled(8), false))).toBe("waiting");
      const expected = offset === 24 ? "waiting" : "fragment-overlap";
      expect(host.receives(piece(family, offset, filled(length), more))).toBe(expected);
    }
    const host = new Host(family);
    host.receives(piece(family, 64, filled(8), true));
    expect(host.receives(piece(family, 32, filled(8), false))).toBe("fragment-overlap");
  });

  test("all but the last fragment are multiples of 8 bytes, and none is empty", () => {
    const host = new Host(family);
    expect(host.receives(piece(family, 8, filled(12), true))).toBe("fragment-malformed");
    expect(host.receives(piece(family, 8, new Uint8Array(0), true))).toBe("fragment-malformed");
    expect(host.receives(piece(family, 8, new Uint8Array(0), false))).toBe("fragment-malformed");
    expect(host.reassembly.size).toBe(0);
  });

  test("no datagram is larger than 65,535 bytes", () => {
    const host = new Host(family);
    expect(host.receives(piece(family, 65_528, filled(8), false))).toBe("fragment-too-big");
    const most = family === 4 ? 65_515 : 65_535;
    const packet = whole(family, filled(most));
    const answers = cut(packet, 32_768).map(fragment => host.receives(fragment));
    expect(answers).toEqual(answers.map((_, index) => (index === answers.length - 1 ? "whole" : "waiting")));
  });

  test("datagrams of different sources and identifications do not mix", () => {
    const host = new Host(family);
    const source = ip(family === 4 ? "192.0.2.77" : "2001:db8::77");
    const packets = [
      ...[1, 2].map(identification => ({ identification })),
      { identification: 1, source },
    ].map(made => ({ made, packet: whole(family, filled(48, made.identification), made) }));
    const fragments = packets.map(({ made, packet }) => cut(packet, 24, made.identification));
    for (const [first] of fragments) expect(host.receives(first as PacketBuffer)).toBe("waiting");
    for (const [index, [, second]] of fragments.entries()) {
      const answer = host.offer(second as PacketBuffer);
      expect(answer).toBeInstanceOf(PacketBuffer);
      expect((answer as PacketBuffer).view()).toEqual(packets[index]?.packet.view());
    }
  });

  test("those of a link-local source on two links do not mix (RFC 4007 §6)", () => {
    const host = new Host(family);
    const source = ip(family === 4 ? "169.254.0.1" : "fe80::1");
    const [first, second] = cut(whole(family, filled(48), { source }), 24) as [PacketBuffer, PacketBuffer];
    expect(host.receives(first)).toBe("waiting");
    host.interfaceIndex = 2;
    expect(host.receives(second)).toBe("waiting");
    expect(host.receives(first)).toBe("whole");
  });

  test("those of any other source may come by several links", () => {
    const host = new Host(family);
    const [first, second] = cut(whole(family, filled(48)), 24) as [PacketBuffer, PacketBuffer];
    expect(host.receives(first)).toBe("waiting");
    host.interfaceIndex = 2;
    expect(host.receives(second)).toBe("whole");
  });

  test("the whole arrived when its last missing piece did", () => {
    const host = new Host(family);
    const [first, second] = cut(whole(family, filled(48)), 24) as [PacketBuffer, PacketBuffer];
    [first.receivedAt, second.receivedAt] = [5 as Instant, 9 as Instant];
    host.offer(second);
    expect(host.offer(first)).toMatchObject({ receivedAt: 5 });
  });

  test("ECN: one fragment's CE is the datagram's; with a fragment that is not ECN-capable it is dropped (RFC 3168 §5.3)", () => {
    const outcome = (a: number, b: number): number | string => {
      const host = new Host(family);
      host.receives(piece(family, 0, filled(24), true, { ecn: a }));
      const answer = host.offer(piece(family, 24, filled(24), false, { ecn: b }));
      if (!(answer instanceof PacketBuffer)) return answer ?? "waiting";
      const header = family === 4 ? new Ipv4Header() : new Ipv6Header();
      expect(header.read(answer.bytes, answer.start, answer.end)).toBeUndefined();
      if (family === 4) expect(ipv4ChecksumIsGood(answer.bytes, answer.start, 20)).toBe(true);
      expect(header.trafficClass & ~3).toBe(0xb8);
      return header.trafficClass & 3;
    };
    expect(outcome(2, 2)).toBe(2);
    expect(outcome(2, 3)).toBe(3);
    expect(outcome(3, 1)).toBe(3);
    expect(outcome(0, 3)).toBe("fragment-malformed");
    expect(outcome(0, 0)).toBe(0);
  });

  const lifetime = seconds(family === 4 ? 30 : 60);

  test(`after ${family === 4 ? 30 : 60} s it is given up, and the first fragment handed out as it came`, () => {
    const host = new Host(family);
    const packet = whole(family, filled(100));
    const [first, second] = cut(packet, 48) as [PacketBuffer, PacketBuffer];
    host.receives(second, NOW);
    host.receives(first, (NOW + 5) as Instant);
    expect(host.reassembly.deadline).toBe(NOW + lifetime);
    host.reassembly.expire((NOW + lifetime - 1) as Instant);
    expect(host.reassembly.size).toBe(1);
    host.reassembly.expire((NOW + lifetime) as Instant);
    expect(host.timedOut).toEqual([first.view()]);
    expect(host.drops.get("fragment-timeout")).toBe(1);
    expect(host.reassembly.size).toBe(0);
    expect(host.reassembly.memory).toBe(0);
    expect(host.reassembly.deadline).toBe(NEVER);
  });

  test("without the first fragment nobody is told of the timeout (RFC 792, RFC 8200 §4.5)", () => {
    const host = new Host(family);
    host.receives(piece(family, 24, filled(24), true));
    host.reassembly.expire((NOW + lifetime) as Instant);
    expect(host.timedOut).toEqual([]);
    expect(host.drops.get("fragment-timeout")).toBe(1);
  });

  test("a late fragment does not join a datagram whose time is over", () => {
    const host = new Host(family);
    const [first, second] = cut(whole(family, filled(48)), 24) as [PacketBuffer, PacketBuffer];
    host.receives(first);
    expect(host.receives(second, (NOW + lifetime) as Instant)).toBe("waiting");
    expect(host.drops.get("fragment-timeout")).toBe(1);
  });

  test("beyond the limits the oldest datagrams go", () => {
    const host = new Host(family, { datagramLimit: 3, memoryLimit: 8_000, sourceMemoryLimit: 8_000 });
    const first = (identification: number, size: number): PacketBuffer =>
      piece(family, 0, filled(size), true, { identification });
    const last = (identification: number, size: number): PacketBuffer =>
      piece(family, size, filled(8), false, { identification });
    for (const identification of [1, 2, 3, 4]) host.receives(first(identification, 80));
    expect(host.reassembly.size).toBe(3);
    expect(host.drops.get("fragment-limit")).toBe(1);
    host.receives(first(5, 6_000));
    expect(host.reassembly.memory).toBeLessThanOrEqual(8_000);
    expect(host.receives(last(5, 6_000))).toBe("whole");
    expect(host.receives(last(4, 80))).toBe("whole");
    expect(host.receives(last(3, 80))).toBe("waiting");
  });

  test.each([
    ["many", { sourceDatagramLimit: 4 }],
    ["large", { sourceMemoryLimit: 6_000 }],
  ])("a source of too %s datagrams loses its own, not those of others", (_, limits) => {
    const host = new Host(family, limits);
    const modest = ip(family === 4 ? "192.0.2.99" : "2001:db8::99");
    host.receives(piece(family, 0, filled(24), true, { source: modest }));
    for (let identification = 0; identification < 50; identification++) {
      host.receives(piece(family, 0, filled(1_000), true, { identification }));
    }
    expect(host.reassembly.size).toBeLessThanOrEqual(5);
    expect(host.reassembly.size).toBeGreaterThan(2);
    expect(host.reassembly.memory).toBeLessThan(8_000);
    expect(host.receives(piece(family, 24, filled(8), false, { source: modest }))).toBe("whole");
  });

  test("a single datagram cannot grow beyond the limit by small pieces", () => {
    const host = new Host(family, { memoryLimit: 4_000, sourceMemoryLimit: 4_000 });
    const answers = new Set<string>();
    for (let offset = 8; offset < 800; offset += 16) {
      answers.add(host.receives(piece(family, offset, filled(8), true)));
      expect(host.reassembly.memory).toBeLessThanOrEqual(4_000);
    }
    expect(answers).toContain("fragment-limit");
  });

  test("a piece that no limit has room for is dropped, and its datagram with it", () => {
    for (const limits of [{ memoryLimit: 4_000, sourceMemoryLimit: 9_000 }, { sourceMemoryLimit: 4_000 }]) {
      const host = new Host(family, limits);
      expect(host.receives(piece(family, 0, filled(6_000), true))).toBe("fragment-limit");
      expect([host.reassembly.size, host.reassembly.memory]).toEqual([0, 0]);
    }
  });

  test("unless told otherwise: 4 MiB and 1,024 datagrams, of one source 1 MiB and 128", () => {
    const most = (sources: number, count: number, size: number): [datagrams: number, mebibytes: number] => {
      const host = new Host(family);
      const payload = filled(size);
      for (let identification = 0; identification < count; identification++) {
        const last = (identification % sources) + 1;
        const source = ip(family === 4 ? `192.0.3.${last}` : `2001:db8::3:${last}`);
        host.offer(piece(family, 0, payload, true, { identification, source }));
      }
      return [host.reassembly.size, host.reassembly.memory / (1 << 20)];
    };
    expect(most(1, 200, 8)[0]).toBe(128);
    expect(most(16, 1_100, 8)[0]).toBe(1_024);
    const [, ofOne] = most(1, 30, 60_000);
    expect([ofOne > 0.9, ofOne <= 1]).toEqual([true, true]);
    const [, ofAll] = most(10, 100, 60_000);
    expect([ofAll > 3.9, ofAll <= 4]).toEqual([true, true]);
  });

  test("random fragments never throw, and leave no memory behind", () => {
    const random = new SeededRandom(family);
    const host = new Host(family, { memoryLimit: 50_000, datagramLimit: 10 });
    for (let i = 0; i < 3_000; i++) {
      const length = below(random, 100);
      host.receives(
        piece(family, below(random, 40) * 8, filled(length, i), below(random, 3) > 0, {
          identification: below(random, 30),
          ecn: below(random, 4),
        }),
        (NOW + i * 100_000) as Instant,
      );
      expect(host.reassembly.memory).toBeLessThanOrEqual(50_000);
      expect(host.reassembly.size).toBeLessThanOrEqual(10);
    }
    host.reassembly.expire(NEVER);
    expect(host.reassembly.memory).toBe(0);
  });
});

test("IPv4 datagrams of different protocols do not mix (RFC 791 §3.2)", () => {
  const host = new Host(4);
  const [first, second] = cut(whole(4, filled(48)), 24) as [PacketBuffer, PacketBuffer];
  const other = new PacketBuffer(1);
  other.copyFrom(second);
  other.bytes[other.start + 9] = IP_PROTOCOL.tcp;
  expect([first, other, second].map(fragment => host.receives(fragment))).toEqual([
    "waiting",
    "waiting",
    "whole",
  ]);
});

test("a first IPv4 fragment may be as small as 8 bytes, whatever its protocol's header (RFC 791 §3.2)", () => {
  const host = new Host(4);
  const fragment = piece(4, 0, filled(8), true);
  fragment.bytes[fragment.start + 9] = IP_PROTOCOL.tcp;
  expect(host.receives(fragment)).toBe("waiting");
});

describe("IPv6 alone", () => {
  test("identifications have 32 bits (RFC 8200 §4.5)", () => {
    const host = new Host(6);
    host.receives(piece(6, 0, filled(24), true, { identification: 0x1_0007 }));
    expect(host.receives(piece(6, 24, filled(8), false, { identification: 7 }))).toBe("waiting");
    expect(host.receives(piece(6, 24, filled(8), false, { identification: 0x1_0007 }))).toBe("whole");
  });

  test("only in the first fragment are there headers to be looked at (RFC 7112 §5)", () => {
    const host = new Host(6);
    // Were it a header of destination options, it would be longer than the piece.
    const later = piece(6, 24, Uint8Array.of(0, 99, 0, 0, 0, 0, 0, 0), true);
    later.bytes[later.start + 40] = IP_PROTOCOL.destinationOptions;
    expect(host.receives(later)).toBe("waiting");
  });

  test("an atomic fragment is whole by itself, whatever else has its identification (RFC 6946 §4)", () => {
    const host = new Host(6);
    host.receives(piece(6, 0, filled(24), true));
    const atomic = piece(6, 0, filled(16, 2), false);
    const answer = host.offer(atomic);
    expect((answer as PacketBuffer).view()).toEqual(whole(6, filled(16, 2)).view());
    expect(host.receives(piece(6, 24, filled(8), false))).toBe("whole");
  });

  test("a first fragment without the whole upper header is refused (RFC 7112 §5)", () => {
    const host = new Host(6);
    const fragment = piece(6, 0, filled(8), true);
    fragment.bytes[fragment.start + 40] = IP_PROTOCOL.tcp;
    expect(host.receives(fragment)).toBe("ip-bad-extension-header");
    expect(host.reassembly.size).toBe(0);
  });

  test("the next header is that of the first fragment's, and the last header before it names it", () => {
    const host = new Host(6);
    const first = piece(6, 0, filled(24), true);
    const second = piece(6, 24, filled(24), false);
    first.bytes[first.start + 40] = IP_PROTOCOL.tcp;
    host.receives(second);
    const answer = host.offer(first) as PacketBuffer;
    expect(answer.bytes[answer.start + 6]).toBe(IP_PROTOCOL.tcp);
  });
});
