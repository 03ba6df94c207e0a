import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { ip } from "../../wire/address.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "../../wire/ipv4.ts";
import { IPV4_OPTION } from "../../wire/ipv4-options.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { fragmentIpv4 } from "./fragmentation.ts";

interface Made {
  payload?: number;
  options?: number[];
  offset?: number;
  moreFragments?: boolean;
}

/** A packet whose payload counts up. */
function packetOf({ payload = 0, options = [], offset = 0, moreFragments = false }: Made): PacketBuffer {
  const header = new Ipv4Header();
  header.source = ip("192.0.2.1");
  header.destination = ip("192.0.2.2");
  header.protocol = IP_PROTOCOL.udp;
  header.identification = 0x1234;
  header.hopLimit = 64;
  header.trafficClass = 0x2e;
  header.options = Uint8Array.from(options);
  header.fragmentOffset = offset;
  header.moreFragments = moreFragments;
  header.totalLength = 20 + ((options.length + 3) & ~3) + payload;
  const bytes = new Uint8Array(header.totalLength);
  const at = header.write(bytes, 0);
  for (let i = 0; i < payload; i++) bytes[at + i] = i * 7;
  return PacketBuffer.from(bytes);
}

interface Seen {
  header: Ipv4Header;
  payload: Uint8Array;
  size: number;
}

function cut(packet: PacketBuffer, mtu: number): Seen[] {
  const seen: Seen[] = [];
  const error = fragmentIpv4(packet, mtu, new PacketBuffer(2_048), fragment => {
    const header = new Ipv4Header();
    expect(header.read(fragment.bytes, fragment.start, fragment.end)).toBeUndefined();
    expect(ipv4ChecksumIsGood(fragment.bytes, fragment.start, header.headerLength)).toBe(true);
    expect(header.totalLength).toBe(fragment.length);
    expect(fragment.network).toBe(fragment.start);
    expect(fragment.transport).toBe(fragment.start + header.headerLength);
    header.options = header.options.slice();
    seen.push({
      header,
      payload: fragment.bytes.slice(fragment.start + header.headerLength, fragment.end),
      size: fragment.length,
    });
    return undefined;
  });
  expect(error).toBeUndefined();
  return seen;
}

test("fragments fit the MTU, and their payloads follow each other in units of 8 bytes (RFC 791 §3.2)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 28, max: 1_500 }), (payload, mtu) => {
      const packet = packetOf({ payload });
      let next = 0;
      const fragments = cut(packet, mtu);
      for (const [index, fragment] of fragments.entries()) {
        const isLast = index === fragments.length - 1;
        expect(fragment.size).toBeLessThanOrEqual(mtu);
        expect(fragment.header.fragmentOffset).toBe(next);
        expect(fragment.header.moreFragments).toBe(!isLast);
        if (!isLast) expect(fragment.payload.length).toBe((mtu - 20) & ~7);
        expect(fragment.header.identification).toBe(0x1234);
        expect(fragment.header.trafficClass).toBe(0x2e);
        expect(fragment.payload).toEqual(
          packet.bytes.slice(packet.start + 20 + next, packet.start + 20 + next + fragment.payload.length),
        );
        next += fragment.payload.length;
      }
      expect(next).toBe(payload);
    }),
    { numRuns: 100 },
  );
});

test("a fragment of a datagram is cut further: offsets add up and its last piece still has more to follow", () => {
  const fragments = cut(packetOf({ payload: 64, offset: 800, moreFragments: true }), 20 + 40);
  expect(fragments.map(({ header }) => [header.fragmentOffset, header.moreFragments])).toEqual([
    [800, true],
    [840, true],
  ]);
});

test("only options with the copied bit are in later fragments (RFC 791 §3.1)", () => {
  const recordRoute = [IPV4_OPTION.recordRoute, 7, 4, 0, 0, 0, 0];
  const sourceRoute = [IPV4_OPTION.looseSourceRoute, 7, 4, 10, 0, 0, 1];
  const options = [...recordRoute, IPV4_OPTION.noOperation, ...sourceRoute, IPV4_OPTION.end];
  const fragments = cut(packetOf({ payload: 40, options }), 20 + 16 + 16);
  expect(fragments.map(({ header }) => [...header.options])).toEqual([
    options,
    [...sourceRoute, IPV4_OPTION.end],
    [...sourceRoute, IPV4_OPTION.end],
  ]);
});

test("broken options do not make it read outside of the header", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), bytes => {
      const options = [...bytes.subarray(0, bytes.length & ~3)];
      expect(cut(packetOf({ payload: 100, options }), 100).length).toBeGreaterThan(1);
    }),
  );
});

test("an MTU without room for the header and 8 bytes is too small; the first error ends the cutting", () => {
  const scratch = new PacketBuffer(2_048);
  const packet = packetOf({ payload: 100 });
  expect(fragmentIpv4(packet, 27, scratch, () => undefined)).toBe("EMSGSIZE");
  let calls = 0;
  const refuse = (): "ENOBUFS" => {
    calls++;
    return "ENOBUFS";
  };
  expect(fragmentIpv4(packet, 28, scratch, refuse)).toBe("ENOBUFS");
  expect(calls).toBe(1);
});
