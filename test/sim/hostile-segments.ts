/**
 * What the third party of a `HostileWorld` writes: segments in another's name, ICMP errors, and damaged
 * copies.
 */
import { readUint16, writeUint16 } from "../../src/base/bytes.ts";
import { checksum } from "../../src/base/checksum.ts";
import { below, chance, type SeededRandom } from "../../src/base/random.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { IpAddress } from "../../src/wire/address.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { type Ends, icmpv4, icmpv6, join, type TcpFields, tcp, u16, u32 } from "../support/frames.ts";

export type SegmentFields = Omit<TcpFields, keyof Ends | "sourcePort" | "destinationPort">;

/** A segment to a connection, in its peer's name. */
export function spoofed(c: TcpConnection, fields: SegmentFields): Uint8Array {
  const end = { source: c.remote.toString(), destination: c.local.toString() };
  return tcp({ ...end, sourcePort: c.remotePort, destinationPort: c.localPort, ...fields });
}

/**
 * An ICMP error to a connection about a segment of its own with this sequence number, as if from its peer.
 */
export function icmpAbout(c: TcpConnection, sequence: number, what: IcmpKind, mtu = 0): Uint8Array {
  const [local, remote] = [c.local.toString(), c.remote.toString()];
  const own = { source: local, destination: remote, sourcePort: c.localPort, destinationPort: c.remotePort };
  const quote = tcp({ ...own, sequence, payload: [1, 2, 3, 4] });
  const back = { source: remote, destination: local };
  const rest = join(u32(mtu), quote);
  const [v4, v6] = ICMP_KINDS[what];
  return c.local.family === 4 ? icmpv4(back, v4[0], v4[1], rest) : icmpv6(back, v6[0], v6[1], rest);
}

/** Type and code in ICMP and in ICMPv6. */
const ICMP_KINDS = {
  "packet too big": [
    [3, 4],
    [2, 0],
  ],
  "host unreachable": [
    [3, 1],
    [1, 3],
  ],
  "port unreachable": [
    [3, 3],
    [1, 4],
  ],
  "protocol unreachable": [
    [3, 2],
    [4, 1],
  ],
  prohibited: [
    [3, 13],
    [1, 1],
  ],
  "time exceeded": [
    [11, 0],
    [3, 0],
  ],
  "parameter problem": [
    [12, 0],
    [4, 0],
  ],
  "source quench": [
    [4, 0],
    [4, 2],
  ],
} as const;
export type IcmpKind = keyof typeof ICMP_KINDS;
export const ICMP_KIND_NAMES = Object.keys(ICMP_KINDS) as IcmpKind[];

export function randomWord(random: SeededRandom): number {
  return random.uint32() | 0;
}

export function randomBytes(random: SeededRandom, most: number): Uint8Array {
  const bytes = new Uint8Array(below(random, most + 1));
  random.fill(bytes);
  return bytes;
}

/** Options that are right, wrong, cut off, too long, or no options at all: at most 40 bytes. */
export function randomOptions(random: SeededRandom): number[] {
  const options: number[] = [];
  while (options.length < 40 && chance(random, 0.7)) options.push(...randomOption(random));
  return options.slice(0, 40);
}

function randomOption(random: SeededRandom): number[] {
  const byte = (): number => below(random, 256);
  switch (below(random, 9)) {
    case 0:
      return [1];
    case 1:
      return [0];
    case 2:
      return [2, 4, ...u16([0, 1, 47, 48, 536, 1_460, 65_535][below(random, 7)] ?? 0)];
    case 3:
      return [3, 3, [0, 7, 14, 15, 255][below(random, 5)] ?? 0];
    case 4:
      return [4, 2];
    case 5:
      return [8, 10, ...u32(randomWord(random)), ...u32(randomWord(random))];
    case 6: {
      const edges = 2 * (1 + below(random, 4));
      return [5, 2 + 4 * edges, ...Array.from({ length: edges }, () => u32(randomWord(random))).flat()];
    }
    case 7:
      return [byte(), below(random, 6), byte(), byte()];
    default:
      return [byte(), byte()];
  }
}

/** A damaged copy of an IP packet: flipped bits, cut off, grown, or a field overwritten. */
export function mutated(random: SeededRandom, original: Uint8Array): Uint8Array {
  let copy = original.slice();
  const changes = 1 + below(random, 4);
  for (let i = 0; i < changes && copy.length > 0; i++) {
    const at = below(random, Math.min(copy.length, chance(random, 0.7) ? 80 : copy.length));
    switch (below(random, 5)) {
      case 0:
        copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 1:
        copy[at] = [0, 1, 0x7f, 0x80, 0xff][below(random, 5)] ?? 0;
        break;
      case 2:
        if (at + 4 <= copy.length) random.fill(copy.subarray(at, at + 1 + below(random, 4)));
        break;
      case 3:
        copy = copy.slice(0, at);
        break;
      default:
        copy = join(copy, randomBytes(random, 40)).slice(0, 1_500);
    }
  }
  return copy;
}

/** Makes the checksums of a packet right, as far as it still is one. */
export function fixChecksums(packet: Uint8Array): Uint8Array {
  const version = (packet[0] ?? 0) >>> 4;
  const [family, header, protocol] =
    version === 4
      ? ([4, ((packet[0] ?? 0) & 0xf) * 4, packet[9] ?? 0] as const)
      : ([6, 40, packet[6] ?? 0] as const);
  if (header < 20 || packet.length < Math.max(40, header)) return packet;
  if (family === 4) {
    writeUint16(packet, 10, 0);
    writeUint16(packet, 10, checksum(packet, 0, header));
  }
  const length = family === 4 ? readUint16(packet, 2) : 40 + readUint16(packet, 4);
  const end = Math.min(packet.length, length);
  const at = header + (CHECKSUM_AT[protocol] ?? Number.NaN);
  if (!(at + 2 <= end)) return packet;
  const from = family === 4 ? 12 : 8;
  const source = IpAddress.read(family, packet, from);
  const destination = IpAddress.read(family, packet, from + source.size);
  writeUint16(packet, at, 0);
  const sum =
    protocol === IP_PROTOCOL.icmpv4
      ? checksum(packet, header, end)
      : transportChecksum(source, destination, protocol, packet, header, end);
  writeUint16(packet, at, sum);
  return packet;
}

const CHECKSUM_AT: Record<number, number> = {
  [IP_PROTOCOL.tcp]: 16,
  [IP_PROTOCOL.udp]: 6,
  [IP_PROTOCOL.icmpv4]: 2,
  [IP_PROTOCOL.icmpv6]: 2,
};
