import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { ip } from "../../wire/address.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../../wire/ipv6.ts";
import { ExtensionChain } from "../../wire/ipv6-extensions.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { fragmentIpv6 } from "./fragmentation.ts";

const HEADER_LENGTH = 8;
/** A header of 8 bytes that pads (options), or a routing header that has been walked. */
function extension(next: number): number[] {
  return [next, 0, 1, 0, 0, 0, 0, 0];
}

/** A packet with these extension headers before a UDP payload that counts up. */
function packetOf(payload: number, extensions: number[] = []): PacketBuffer {
  const chain = [...extensions, IP_PROTOCOL.udp];
  const header = new Ipv6Header();
  header.source = ip("2001:db8::1");
  header.destination = ip("2001:db8::2");
  header.nextHeader = chain[0] as number;
  header.hopLimit = 64;
  header.payloadLength = extensions.length * HEADER_LENGTH + payload;
  const bytes = new Uint8Array(IPV6_HEADER_SIZE + header.payloadLength);
  let at = header.write(bytes, 0);
  for (const next of chain.slice(1)) {
    bytes.set(extension(next), at);
    at += HEADER_LENGTH;
  }
  for (let i = 0; i < payload; i++) bytes[at + i] = i * 7;
  return PacketBuffer.from(bytes);
}

interface Seen {
  chain: ExtensionChain;
  payload: Uint8Array;
  size: number;
  headers: Uint8Array;
}

function cut(packet: PacketBuffer, mtu: number): Seen[] {
  const seen: Seen[] = [];
  const error = fragmentIpv6(packet, mtu, 0xdeadbeef, new PacketBuffer(2_048), fragment => {
    const header = new Ipv6Header();
    const chain = new ExtensionChain();
    expect(header.read(fragment.bytes, fragment.start, fragment.end)).toBeUndefined();
    expect(header.payloadLength).toBe(fragment.length - IPV6_HEADER_SIZE);
    expect(chain.read(header, fragment.bytes, fragment.start, fragment.end)).toBeUndefined();
    expect(chain.fragment.identification).toBe(0xdeadbeef | 0);
    expect(fragment.transport).toBe(chain.offset);
    seen.push({
      chain,
      payload: fragment.bytes.slice(chain.offset, fragment.end),
      size: fragment.length,
      headers: fragment.bytes.slice(fragment.start, chain.fragmentAt),
    });
    return undefined;
  });
  expect(error).toBeUndefined();
  return seen;
}

test("fragments fit the MTU, and their pieces follow each other in units of 8 bytes (RFC 8200 §4.5)", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_300, max: 9_000 }),
      fc.integer({ min: 56, max: 1_280 }),
      (payload, mtu) => {
        const packet = packetOf(payload);
        const fragments = cut(packet, mtu);
        let next = 0;
        for (const [index, { chain, payload: piece, size }] of fragments.entries()) {
          expect(size).toBeLessThanOrEqual(mtu);
          expect(chain.fragment.offset).toBe(next);
          expect(chain.fragment.moreFragments).toBe(index < fragments.length - 1);
          expect(chain.protocol).toBe(IP_PROTOCOL.udp);
          const from = packet.start + IPV6_HEADER_SIZE + next;
          expect(piece).toEqual(packet.bytes.slice(from, from + piece.length));
          next += piece.length;
        }
        expect(next).toBe(payload);
      },
    ),
    { numRuns: 100 },
  );
});

test("headers up to the routing header are in every fragment, what follows is cut (RFC 8200 §4.5)", () => {
  const { hopByHop, destinationOptions, routing } = IP_PROTOCOL;
  const packet = packetOf(100, [hopByHop, destinationOptions, routing, destinationOptions]);
  const carried = IPV6_HEADER_SIZE + 3 * HEADER_LENGTH;
  const fragments = cut(packet, carried + 8 + 64);
  expect(fragments.length).toBe(2);
  for (const { headers, chain } of fragments) {
    expect(headers.length).toBe(carried);
    // The fragment header says what was next in the packet: destination options.
    expect(headers[carried - HEADER_LENGTH]).toBe(IP_PROTOCOL.fragment);
    expect(chain.protocol).toBe(destinationOptions);
  }
  const [first, second] = fragments as [Seen, Seen];
  const uncut = packet.bytes.slice(packet.start + carried, packet.end);
  expect([...first.payload, ...second.payload]).toEqual([...uncut]);
});

test("destination options without a routing header are for the destination: they are cut", () => {
  const fragments = cut(packetOf(100, [IP_PROTOCOL.destinationOptions]), IPV6_HEADER_SIZE + 8 + 64);
  expect(fragments.map(({ headers }) => headers.length)).toEqual([IPV6_HEADER_SIZE, IPV6_HEADER_SIZE]);
});

test("an MTU without room for the headers and 8 bytes is too small; the first error ends the cutting", () => {
  const scratch = new PacketBuffer(2_048);
  expect(fragmentIpv6(packetOf(100), 55, 1, scratch, () => undefined)).toBe("EMSGSIZE");
  let calls = 0;
  const refuse = (): "ENOBUFS" => {
    calls++;
    return "ENOBUFS";
  };
  expect(fragmentIpv6(packetOf(100), 56, 1, scratch, refuse)).toBe("ENOBUFS");
  expect(calls).toBe(1);
});
