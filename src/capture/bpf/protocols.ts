/** The protocols that have a word in the filter language. */
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import {
  ETHER_TYPE_APPLETALK,
  ETHER_TYPE_APPLETALK_ARP,
  ETHER_TYPE_DECNET,
  SAP_IPX,
  SAP_NETBEUI,
  SAP_OSI,
  SAP_STP,
} from "./carriage.ts";

/** By EtherType or service access point: `carriage`. */
export const NETWORK_PROTOCOLS: Readonly<Record<string, number>> = {
  ip: ETHER_TYPE.ipv4,
  ip6: ETHER_TYPE.ipv6,
  arp: ETHER_TYPE.arp,
  rarp: ETHER_TYPE.rarp,
  atalk: ETHER_TYPE_APPLETALK,
  aarp: ETHER_TYPE_APPLETALK_ARP,
  decnet: ETHER_TYPE_DECNET,
  sca: 0x6007,
  lat: 0x6004,
  mopdl: 0x6001,
  moprc: 0x6002,
  iso: SAP_OSI,
  stp: SAP_STP,
  ipx: SAP_IPX,
  netbeui: SAP_NETBEUI,
};

/** Names behind `ether proto` only. */
export const ETHER_NAMES: Readonly<Record<string, number>> = { loopback: 0x9000 };

/** Those whose bytes `arp[7]` and the like can ask for. */
const WITH_BYTES: readonly string[] = [
  "ip",
  "ip6",
  "arp",
  "rarp",
  "atalk",
  "decnet",
  "lat",
  "mopdl",
  "moprc",
  "sca",
];

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
  carp: { number: 112, families: [4] },
  sctp: { number: 132, families: [4, 6] },
};

const WITHOUT_BYTES: readonly string[] = ["ah", "esp"];

/** Words for whatever the link layer is. */
const LINK_WORDS: readonly string[] = ["ether", "link", "fddi", "tr", "wlan", "ppp", "slip"];

/** A protocol's word, with one for all that name the link layer. Undefined: it is none. */
export function protocolName(word: string): string | undefined {
  if (LINK_WORDS.includes(word)) return "ether";
  return isNetwork(word) || isTransport(word) ? word : undefined;
}

export function isNetwork(name: string): boolean {
  return Object.hasOwn(NETWORK_PROTOCOLS, name);
}

function isTransport(name: string): boolean {
  return Object.hasOwn(TRANSPORT_PROTOCOLS, name);
}

export function hasBytes(name: string): boolean {
  return (
    name === "ether" || WITH_BYTES.includes(name) || (isTransport(name) && !WITHOUT_BYTES.includes(name))
  );
}
