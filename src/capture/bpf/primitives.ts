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
  load,
  maskedEquals,
} from "./condition.ts";
import type { LinkLayout } from "./link-layout.ts";

export type Direction = "src" | "dst" | "src or dst" | "src and dst";

export const NETWORK_PROTOCOLS: Readonly<Record<string, number>> = {
  ip: ETHER_TYPE.ipv4,
  ip6: ETHER_TYPE.ipv6,
  arp: ETHER_TYPE.arp,
  rarp: ETHER_TYPE.rarp,
};

interface Transport {
  readonly number: number;
  readonly families: readonly (4 | 6)[];
}

export const TRANSPORT_PROTOCOLS: Readonly<Record<string, Transport>> = {
  icmp: { number: IP_PROTOCOL.icmpv4, families: [4] },
  igmp: { number: IP_PROTOCOL.igmp, families: [4] },
  tcp: { number: IP_PROTOCOL.tcp, families: [4, 6] },
  igrp: { number: 9, families: [4] },
  udp: { number: IP_PROTOCOL.udp, families: [4, 6] },
  esp: { number: IP_PROTOCOL.esp, families: [4, 6] },
  ah: { number: IP_PROTOCOL.ah, families: [4, 6] },
  icmp6: { number: IP_PROTOCOL.icmpv6, families: [6] },
  pim: { number: 103, families: [4, 6] },
  vrrp: { number: 112, families: [4] },
  sctp: { number: 132, families: [4, 6] },
};

/** Those with ports where we look for them. */
const PORT_PROTOCOLS: readonly number[] = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp, 132];
const IPV6_LENGTH = 40;

export class Primitives {
  readonly #link: LinkLayout;

  constructor(link: LinkLayout) {
    this.#link = link;
  }

  /** `tcp`, `arp`, … alone. */
  protocol(name: string): Condition {
    const etherType = NETWORK_PROTOCOLS[name];
    if (etherType !== undefined) return this.#link.carries(etherType);
    const transport = TRANSPORT_PROTOCOLS[name] as Transport;
    return either(...transport.families.map(family => this.transport(family, transport.number)));
  }

  /** IPv4's protocol; IPv6's next header, or the one behind a fragment header. */
  transport(family: 4 | 6, protocol: number): Condition {
    const { network } = this.#link;
    if (family === 4)
      return both(this.#link.carries(ETHER_TYPE.ipv4), equals(load(network + 9, 1), protocol));
    const next = load(network + 6, 1);
    return both(
      this.#link.carries(ETHER_TYPE.ipv6),
      either(
        equals(next, protocol),
        both(equals(next, IP_PROTOCOL.fragment), equals(load(network + IPV6_LENGTH, 1), protocol)),
      ),
    );
  }

  /** `host` and `net`: IPv4 also in ARP and RARP, unless `protocol` says where. */
  address(address: IpAddress, prefix: number, direction: Direction, protocol: string | undefined): Condition {
    const protocols =
      protocol === undefined ? (address.family === 4 ? ["ip", "arp", "rarp"] : ["ip6"]) : [protocol];
    return either(
      ...protocols.map(name => {
        const [source, destination] = ADDRESS_OFFSETS[name] as readonly [number, number];
        return both(
          this.#link.carries(NETWORK_PROTOCOLS[name] as number),
          oriented(direction, isSource =>
            prefixEquals(this.#link.network + (isSource ? source : destination), address, prefix),
          ),
        );
      }),
    );
  }

  mac(mac: MacAddress, direction: Direction): Condition {
    return oriented(direction, isSource => {
      const at = isSource ? 6 : 0;
      return both(
        equals(load(at + 2, 4), mac % 0x1_0000_0000),
        equals(load(at, 2), Math.floor(mac / 0x1_0000_0000)),
      );
    });
  }

  /** `port` and `portrange`. Only the first fragment has ports; extension headers are not looked behind. */
  ports(from: number, to: number, direction: Direction, protocol: number | undefined): Condition {
    const { network } = this.#link;
    const protocols = protocol === undefined ? PORT_PROTOCOLS : [protocol];
    const isOneOf = (field: Arithmetic): Condition =>
      either(...protocols.map(number => equals(field, number)));
    const within = (behind: number | undefined, base: number): Condition =>
      oriented(direction, isSource => between(load(base + (isSource ? 0 : 2), 2, behind), from, to));
    return either(
      both(
        this.#link.carries(ETHER_TYPE.ipv6),
        isOneOf(load(network + 6, 1)),
        within(undefined, network + IPV6_LENGTH),
      ),
      both(
        this.#link.carries(ETHER_TYPE.ipv4),
        isOneOf(load(network + 9, 1)),
        this.#isFirstFragment(),
        within(network, network),
      ),
    );
  }

  #isFirstFragment(): Condition {
    return maskedEquals(load(this.#link.network + 6, 2), 0x1fff, 0);
  }

  /** `ip multicast` and the like. Undefined: there is no such thing. */
  group(kind: string, protocol: string | undefined): Condition | undefined {
    const { network } = this.#link;
    const isLink = protocol === undefined || protocol === "ether";
    if (isLink && this.#link.isEthernet) {
      return kind === "broadcast"
        ? this.mac(0xffff_ffff_ffff as MacAddress, "dst")
        : compare(load(0, 1), "has", constant(1));
    }
    if (kind !== "multicast") return undefined;
    if (protocol === "ip") {
      return both(this.protocol("ip"), compare(load(network + 16, 1), ">=", constant(224)));
    }
    return protocol === "ip6" ? both(this.protocol("ip6"), equals(load(network + 24, 1), 255)) : undefined;
  }

  /** `tcp[index:size]`: the bytes, and what must hold for the packet to have them. */
  bytes(
    protocol: string,
    index: Arithmetic,
    size: LoadSize,
  ): { readonly value: Arithmetic; readonly needs: Condition } {
    const { network } = this.#link;
    if (protocol === "ether") return { value: load(0, size, undefined, index), needs: ALWAYS };
    if (NETWORK_PROTOCOLS[protocol] !== undefined) {
      return { value: load(network, size, undefined, index), needs: this.protocol(protocol) };
    }
    const transport = TRANSPORT_PROTOCOLS[protocol] as Transport;
    if (protocol === "icmp6") {
      const needs = this.transport(6, transport.number);
      return { value: load(network + IPV6_LENGTH, size, undefined, index), needs };
    }
    const needs = both(this.transport(4, transport.number), this.#isFirstFragment());
    return { value: load(network, size, network, index), needs };
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

/** Whether the first bits of the address at an offset are those of this one. */
function prefixEquals(at: number, address: IpAddress, prefix: number): Condition {
  const words = address.family === 4 ? [address.w3] : [address.w0, address.w1, address.w2, address.w3];
  return both(
    ...words.map((word, index) => {
      const bits = Math.min(32, Math.max(0, prefix - 32 * index));
      const mask = bits === 0 ? 0 : -1 << (32 - bits);
      return bits === 0 ? ALWAYS : maskedEquals(load(at + 4 * index, 4), mask, word & mask);
    }),
  );
}
