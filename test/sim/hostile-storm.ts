/**
 * Frames of every kind that a host of a network may be flooded with, by strangers that are many or none: each
 * kind is drawn anew for each frame.
 */
import { below, type SeededRandom } from "../../src/base/random.ts";
import {
  addressBytes,
  arp,
  FLAG,
  icmpv4,
  icmpv6,
  igmp,
  ipv4,
  ipv6,
  join,
  MAC_B,
  macBytes,
  tcp,
  u16,
  u32,
  udp,
} from "../support/frames.ts";
import { randomBytes, randomOptions } from "./hostile-segments.ts";
import { A, A6, B, B6, MAC_M } from "./hostile-world.ts";

const NOBODY = "00:00:00:00:00:00";
const BROADCAST = "ff:ff:ff:ff:ff:ff";

/** Where a storm's segments go, and the honest connections that some pretend to belong to. */
export interface StormTargets {
  readonly port: number;
  readonly connections: () => ReadonlyArray<{ readonly localPort: number; readonly remotePort: number }>;
}

export class Storm {
  readonly #random: SeededRandom;
  readonly #targets: StormTargets;

  constructor(random: SeededRandom, targets: StormTargets) {
    this.#random = random;
    this.#targets = targets;
  }

  /** One frame of each kind, to host b. */
  frames(): Uint8Array[] {
    const packets = [
      ...this.#segments(),
      ...this.#datagrams(),
      ...this.#errors(),
      ...this.#fragments(),
      ...this.#discovery(),
      ...this.#noise(),
    ];
    return [...packets.map(packet => to(MAC_B, packet)), ...this.#resolution()];
  }

  #any(limit: number): number {
    return below(this.#random, limit);
  }

  #onLink(): string {
    return `10.0.0.${10 + this.#any(240)}`;
  }

  #far(): string {
    return `198.18.${this.#any(256)}.${1 + this.#any(254)}`;
  }

  #far6(): string {
    return `fd00::${(1 + this.#any(0xffff)).toString(16)}:${(1 + this.#any(0xffff)).toString(16)}`;
  }

  #connection(): { readonly localPort: number; readonly remotePort: number } {
    const connections = this.#targets.connections();
    return (
      connections[this.#any(connections.length)] ?? { localPort: 40_000, remotePort: this.#targets.port }
    );
  }

  /** From strangers, and blindly in the name of the honest host. */
  #segments(): Uint8Array[] {
    const { syn, ack, rst, fin } = FLAG;
    const from = (source: string, sourcePort: number, flags: number, port = this.#targets.port): Uint8Array =>
      tcp({
        source,
        destination: source.includes(":") ? B6 : B,
        sourcePort,
        destinationPort: port,
        sequence: this.#random.uint32() | 0,
        acknowledgment: this.#random.uint32() | 0,
        flags,
        options: this.#any(2) === 0 ? [] : randomOptions(this.#random),
      });
    const kinds = [syn, ack, rst, fin | ack, this.#any(256)];
    const stranger = kinds.map(flags => from(this.#far(), 1 + this.#any(65_535), flags));
    const near = kinds.map(flags =>
      from(this.#any(2) ? this.#onLink() : this.#far6(), 1 + this.#any(65_535), flags),
    );
    const { localPort, remotePort } = this.#connection();
    const blind = [ack, rst, fin | ack].map(flags =>
      from(this.#any(2) ? A : A6, localPort, flags, remotePort),
    );
    return [...stranger, ...near, ...blind];
  }

  #datagrams(): Uint8Array[] {
    const payload = randomBytes(this.#random, 200);
    const ports = { sourcePort: 1 + this.#any(65_535), destinationPort: 99, payload };
    return [
      udp({ source: this.#far(), destination: B, ...ports }),
      udp({ source: this.#far6(), destination: B6, ...ports }),
      udp({ source: this.#any(2) ? "127.0.0.1" : "224.0.0.9", destination: B, ...ports }),
      icmpv4({ source: this.#onLink(), destination: B }, 8, 0, join(u32(1), new Uint8Array(1_400))),
      icmpv6({ source: this.#far6(), destination: B6 }, 128, 0, join(u32(1), payload)),
    ];
  }

  /** About segments that b may have sent: the numbers are guessed. */
  #errors(): Uint8Array[] {
    const { localPort, remotePort } = this.#connection();
    const own = tcp({
      source: B,
      destination: A,
      sourcePort: remotePort,
      destinationPort: localPort,
      sequence: this.#random.uint32() | 0,
      payload: [1, 2, 3, 4],
    });
    const ends = { source: this.#far(), destination: B };
    return [
      icmpv4(ends, 3, 4, join(u32(68 + this.#any(1_400)), own)),
      icmpv4(ends, 3, this.#any(16), join(u32(0), own)),
      icmpv4(ends, 3, 4, join(u32(600), randomBytes(this.#random, 60))),
    ];
  }

  #fragments(): Uint8Array[] {
    const bytes = new Uint8Array(8 + 8 * this.#any(3));
    this.#random.fill(bytes);
    const cut = (source: string, id: number): Uint8Array =>
      ipv4({ source, destination: B, protocol: 6, id, fragment: 0x2000 | this.#any(100) }, bytes);
    const header = join(17, 0, u16(8 * this.#any(100) + this.#any(2)), u32(this.#any(16)));
    return [
      cut(this.#far(), this.#any(0x1_0000)),
      cut("198.18.0.1", this.#any(0x1_0000)),
      cut(A, this.#any(0x1_0000)),
      ipv6({ source: this.#far6(), destination: B6, nextHeader: 44 }, join(header, bytes)),
    ];
  }

  /** Router advertisements, solicitations, advertisements and queries of groups. */
  #discovery(): Uint8Array[] {
    const mac = macBytes(MAC_M);
    return [
      icmpv6({ source: this.#far6(), destination: B6 }, 135, 0, join(u32(0), addressBytes(B6), 1, 1, mac)),
      icmpv6({ source: this.#far6(), destination: B6 }, 135, 0, join(u32(0), addressBytes(B6))),
      icmpv6(
        { source: this.#far6(), destination: B6 },
        136,
        0,
        join(u32(0x6000_0000), addressBytes(this.#far6()), 2, 1, mac),
      ),
      icmpv6({ source: "fe80::1", destination: "ff02::1" }, 134, 0, join(u32(0x4000_1000), u32(0), u32(0))),
      icmpv6({ source: "fe80::1", destination: "ff02::1" }, 130, 0, join(u32(100), new Uint8Array(16))),
      igmp({ source: this.#far(), destination: "224.0.0.1" }, [0x11, 100, 0, 0, 0, 0, 0, 0]),
    ];
  }

  #noise(): Uint8Array[] {
    const options = new Uint8Array(40);
    this.#random.fill(options);
    return [
      ipv4({ source: this.#far(), destination: B, protocol: this.#any(256) }, randomBytes(this.#random, 60)),
      ipv4({ source: this.#far(), destination: B, protocol: 17, options }, randomBytes(this.#random, 60)),
      join(0x45 + this.#any(16), randomBytes(this.#random, 100)),
    ];
  }

  #resolution(): Uint8Array[] {
    const ask = { senderMac: MAC_M, targetMac: NOBODY, targetIp: B };
    const question = arp({ operation: 1, senderIp: this.#onLink(), ...ask });
    const answer = arp({ operation: 2, senderIp: this.#onLink(), ...ask });
    const claim = arp({ operation: 1, senderIp: B, ...ask });
    return [question, answer, claim].map(packet =>
      join(macBytes(BROADCAST), macBytes(MAC_M), u16(0x0806), packet),
    );
  }
}

function to(mac: string, packet: Uint8Array): Uint8Array {
  const type = (packet[0] ?? 0) >>> 4 === 6 ? 0x86dd : 0x0800;
  return join(macBytes(mac), macBytes(MAC_M), u16(type), packet);
}
