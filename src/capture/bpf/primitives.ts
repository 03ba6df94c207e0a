/**
 * The primitives of the filter language as conditions. What they mean is what pcap-filter(7) and libpcap say.
 */
import type { IpAddress } from "../../wire/address.ts";
import type { MacAddress } from "../../wire/mac-address.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import {
  ALWAYS,
  type Arithmetic,
  both,
  type Condition,
  compare,
  constant,
  either,
  equals,
  type LoadSize,
  maskedEquals,
} from "./condition.ts";
import type { LinkLayout } from "./link-layout.ts";
import { behind, byteIs, isFirstFragment, loadAt, loadBehindIpv4, type Place } from "./place.ts";
import { isNetwork, NETWORK_PROTOCOLS, TRANSPORT_PROTOCOLS } from "./protocols.ts";

export type Direction = "src" | "dst" | "src or dst" | "src and dst";

/** Bytes of a packet, and what must hold for the packet to have them. */
export interface PacketBytes {
  readonly value: Arithmetic;
  readonly needs: Condition;
}

/** Those with ports where we look for them. */
const PORT_PROTOCOLS: readonly number[] = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp, 132];
const IPV6_LENGTH = 40;
const ALL_ONES = 0xffff_ffff;

export class Primitives {
  readonly #link: LinkLayout;
  /** Of the network that is looked at; 0 where it is not known. */
  readonly #netmask: number;

  constructor(link: LinkLayout, netmask: number) {
    this.#link = link;
    this.#netmask = netmask;
  }

  /** `tcp`, `arp`, … alone. */
  protocol(name: string): Condition {
    const etherType = NETWORK_PROTOCOLS[name];
    if (etherType !== undefined) return this.#link.carries(etherType);
    const { families, number } = TRANSPORT_PROTOCOLS[name] as (typeof TRANSPORT_PROTOCOLS)[string];
    return either(...families.map(family => this.transport(family, number)));
  }

  /** IPv4's protocol; IPv6's next header, or the one behind a fragment header. */
  transport(family: 4 | 6, protocol: number): Condition {
    const { network } = this.#link;
    if (family === 4) return both(this.#link.carries(ETHER_TYPE.ipv4), byteIs(network, 9, protocol));
    return both(
      this.#link.carries(ETHER_TYPE.ipv6),
      either(
        byteIs(network, 6, protocol),
        both(byteIs(network, 6, IP_PROTOCOL.fragment), byteIs(network, IPV6_LENGTH, protocol)),
      ),
    );
  }

  /** `host` and `net`: IPv4 also in ARP and RARP, unless `protocol` says where, or MPLS carries IP only. */
  address(address: IpAddress, prefix: number, direction: Direction, protocol: string | undefined): Condition {
    const ofIpv4 = this.#link.labels > 0 ? ["ip"] : ["ip", "arp", "rarp"];
    const protocols = protocol !== undefined ? [protocol] : address.family === 4 ? ofIpv4 : ["ip6"];
    return either(
      ...protocols.map(name => {
        const [source, destination] = ADDRESS_OFFSETS[name] as readonly [number, number];
        return both(
          this.protocol(name),
          oriented(direction, isSource =>
            prefixEquals(behind(this.#link.network, isSource ? source : destination), address, prefix),
          ),
        );
      }),
    );
  }

  mac(mac: MacAddress, direction: Direction): Condition {
    const isMac = oriented(direction, isSource => {
      const at = behind(this.#link.header, isSource ? 6 : 0);
      return both(
        equals(loadAt(at, 2, 4), mac % 0x1_0000_0000),
        equals(loadAt(at, 0, 2), Math.floor(mac / 0x1_0000_0000)),
      );
    });
    return both(this.#link.hasHeader, isMac);
  }

  /** `port` and `portrange`. Only the first fragment has ports; extension headers are not looked behind. */
  ports(from: number, to: number, direction: Direction, protocol: number | undefined): Condition {
    const { network } = this.#link;
    const protocols = protocol === undefined ? PORT_PROTOCOLS : [protocol];
    const isOneOf = (field: Arithmetic): Condition =>
      either(...protocols.map(number => equals(field, number)));
    const within = (load: (offset: number) => Arithmetic): Condition =>
      oriented(direction, isSource => between(load(isSource ? 0 : 2), from, to));
    return either(
      both(
        this.#link.carries(ETHER_TYPE.ipv6),
        isOneOf(loadAt(network, 6, 1)),
        within(offset => loadAt(network, IPV6_LENGTH + offset, 2)),
      ),
      both(
        this.#link.carries(ETHER_TYPE.ipv4),
        isOneOf(loadAt(network, 9, 1)),
        isFirstFragment(network),
        within(offset => loadBehindIpv4(network, offset, 2)),
      ),
    );
  }

  /** `ip multicast` and the like. Undefined: there is no such thing. */
  group(kind: string, protocol: string | undefined): Condition | undefined {
    const { network, header, hasHeader, isEthernet } = this.#link;
    if (protocol === undefined || protocol === "ether") {
      if (!isEthernet) return undefined;
      return kind === "broadcast"
        ? this.mac(0xffff_ffff_ffff as MacAddress, "dst")
        : both(hasHeader, compare(loadAt(header, 0, 1), "has", constant(1)));
    }
    if (protocol === "ip") {
      return both(
        this.protocol("ip"),
        kind === "broadcast"
          ? this.#isBroadcast(loadAt(network, 16, 4))
          : compare(loadAt(network, 16, 1), ">=", constant(224)),
      );
    }
    const isIpv6 = kind === "multicast" && protocol === "ip6";
    return isIpv6 ? both(this.protocol("ip6"), byteIs(network, 24, 255)) : undefined;
  }

  /** RFC 919 §7: all ones behind the network's bits, and the all zeros of old. */
  #isBroadcast(address: Arithmetic): Condition {
    const hostBits = ~this.#netmask >>> 0;
    return either(maskedEquals(address, hostBits, 0), maskedEquals(address, hostBits, ALL_ONES & hostBits));
  }

  /** `tcp[index:size]`. */
  bytes(protocol: string, index: Arithmetic, size: LoadSize): PacketBytes {
    const { network, header } = this.#link;
    if (protocol === "ether") return { value: loadAt(header, 0, size, index), needs: ALWAYS };
    if (isNetwork(protocol)) {
      return { value: loadAt(network, 0, size, index), needs: this.protocol(protocol) };
    }
    const { number } = TRANSPORT_PROTOCOLS[protocol] as (typeof TRANSPORT_PROTOCOLS)[string];
    if (protocol === "icmp6") {
      return { value: loadAt(network, IPV6_LENGTH, size, index), needs: this.transport(6, number) };
    }
    const needs = both(this.transport(4, number), isFirstFragment(network));
    return { value: loadBehindIpv4(network, 0, size, index), needs };
  }
}

/** Of source and destination address, in the network layer's header. */
const ADDRESS_OFFSETS: Readonly<Record<string, readonly [number, number]>> = {
  ip: [12, 16],
  arp: [14, 24],
  rarp: [14, 24],
  ip6: [8, 24],
};

function oriented(direction: Direction, make: (isSource: boolean) => Condition): Condition {
  switch (direction) {
    case "src":
      return make(true);
    case "dst":
      return make(false);
    case "src or dst":
      return either(make(true), make(false));
    case "src and dst":
      return both(make(true), make(false));
  }
}

function between(field: Arithmetic, from: number, to: number): Condition {
  if (from === to) return equals(field, from);
  return both(compare(field, ">=", constant(from)), compare(field, "<=", constant(to)));
}

/** Whether the first bits of the address at a place are those of this one. */
function prefixEquals(at: Place, address: IpAddress, prefix: number): Condition {
  const words = address.family === 4 ? [address.w3] : [address.w0, address.w1, address.w2, address.w3];
  return both(
    ...words.map((word, index) => {
      const bits = Math.min(32, Math.max(0, prefix - 32 * index));
      const mask = bits === 0 ? 0 : -1 << (32 - bits);
      return bits === 0 ? ALWAYS : maskedEquals(loadAt(at, 4 * index, 4), mask, word & mask);
    }),
  );
}
