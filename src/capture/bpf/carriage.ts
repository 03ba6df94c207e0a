/**
 * How the protocol of a link layer's payload shows. Protocols are numbered by EtherType; those that have
 * none by their LLC service access point (IEEE 802.2), which are smaller.
 */
import { ETHER_TYPE } from "../../wire/protocol.ts";
import {
  both,
  type Condition,
  compare,
  constant,
  either,
  equals,
  maskedEquals,
  NEVER_TRUE,
} from "./condition.ts";
import type { LinkLayout } from "./link-layout.ts";
import { byteIs, loadAt } from "./place.ts";

export const ETHER_TYPE_MPLS = 0x8847;
export const ETHER_TYPE_PPPOE_DISCOVERY = 0x8863;
export const ETHER_TYPE_PPPOE_SESSION = 0x8864;
export const ETHER_TYPE_APPLETALK = 0x809b;
export const ETHER_TYPE_APPLETALK_ARP = 0x80f3;
export const ETHER_TYPE_DECNET = 0x6003;
const ETHER_TYPE_IPX = 0x8137;

/** Service access points. */
export const SAP_OSI = 0xfe;
export const SAP_STP = 0x42;
export const SAP_IPX = 0xe0;
export const SAP_NETBEUI = 0xf0;
const SAP_IP = 0x06;

/** IEEE 802.3 §3.2.6: up to here the type is a length, and LLC follows. */
export const LONGEST_802_3 = 1500;
/** What Linux cooked headers say instead of a length: LLC follows, or Novell's IPX without LLC. */
const COOKED_LLC = 4;
const COOKED_RAW_802_3 = 1;

/** AF_INET, and AF_INET6 of the BSDs and of Linux. */
const FAMILIES: Readonly<Record<number, readonly number[]>> = {
  [ETHER_TYPE.ipv4]: [2],
  [ETHER_TYPE.ipv6]: [10, 24, 28, 30],
};

/** IANA's "ppp-numbers"; others are asked for by PPP's own number. */
const PPP_PROTOCOLS: Readonly<Record<number, number>> = {
  [ETHER_TYPE.ipv4]: 0x21,
  [SAP_OSI]: 0x23,
  [ETHER_TYPE_DECNET]: 0x27,
  [ETHER_TYPE_APPLETALK]: 0x29,
  [SAP_IPX]: 0x2b,
  [SAP_STP]: 0x31,
  [ETHER_TYPE.ipv6]: 0x57,
  [ETHER_TYPE_MPLS]: 0x281,
};

/** Whether the link's payload is of this protocol. */
export function carries(link: LinkLayout, protocol: number): Condition {
  if (link.labels > 0) return isBehindLabels(link, protocol);
  switch (link.kind) {
    case "raw":
      return isIpVersion(link, protocol);
    case "null":
      // In the byte order of the machine that captured.
      return either(
        ...(FAMILIES[protocol] ?? []).flatMap(family => [
          equals(loadAt(link.type, 0, 4), family),
          equals(loadAt(link.type, 0, 4), family * 0x100_0000),
        ]),
      );
    case "ppp":
      return equals(loadAt(link.type, 0, 2), PPP_PROTOCOLS[protocol] ?? protocol);
    case "ethernet":
    case "cooked":
      return isOfType(link, protocol);
  }
}

/** Behind MPLS labels only IP can be told from others. */
export function mayCarry({ labels }: LinkLayout, protocol: number): boolean {
  return labels === 0 || protocol === ETHER_TYPE.ipv4 || protocol === ETHER_TYPE.ipv6;
}

/** Whether LLC's header stands where the payload begins. */
function isLlc(link: LinkLayout): Condition {
  const type = loadAt(link.type, 0, 2);
  return link.kind === "cooked" ? equals(type, COOKED_LLC) : compare(type, "<=", constant(LONGEST_802_3));
}

function isIpVersion({ network }: LinkLayout, protocol: number): Condition {
  const version = protocol === ETHER_TYPE.ipv4 ? 4 : protocol === ETHER_TYPE.ipv6 ? 6 : undefined;
  return version === undefined ? NEVER_TRUE : maskedEquals(loadAt(network, 0, 1), 0xf0, version << 4);
}

/** RFC 3032 §2.1: the last label says that it is, and nothing says what follows. */
function isBehindLabels(link: LinkLayout, protocol: number): Condition {
  return both(maskedEquals(loadAt(link.network, -2, 1), 1, 1), isIpVersion(link, protocol));
}

function isOfType(link: LinkLayout, protocol: number): Condition {
  const type = loadAt(link.type, 0, 2);
  const isService = (bytes: 1 | 2, value: number): Condition => equals(loadAt(link.payload, 0, bytes), value);
  switch (protocol) {
    case SAP_OSI:
    case SAP_IP:
    case SAP_NETBEUI:
      return both(isLlc(link), isService(2, protocol * 0x101));
    case SAP_IPX: {
      const isIpx = either(isService(1, SAP_IPX), isSnap(link, 0, ETHER_TYPE_IPX));
      // Novell put it into 802.3 without LLC; its checksum, all ones, stands there.
      const isRaw =
        link.kind === "cooked" ? equals(type, COOKED_RAW_802_3) : both(isLlc(link), isService(2, 0xffff));
      return either(equals(type, ETHER_TYPE_IPX), isRaw, both(isLlc(link), isIpx));
    }
    case ETHER_TYPE_APPLETALK:
      return either(equals(type, protocol), both(isLlc(link), isSnap(link, 0x08_0007, protocol)));
    case ETHER_TYPE_APPLETALK_ARP:
      return either(equals(type, protocol), both(isLlc(link), isSnap(link, 0, protocol)));
    default:
      return protocol > LONGEST_802_3
        ? equals(type, protocol)
        : both(isLlc(link), byteIs(link.payload, 0, protocol));
  }
}

/** IEEE 802 §9.2: both service access points 0xaa, unnumbered information, an organization, its protocol. */
function isSnap({ payload }: LinkLayout, organization: number, protocol: number): Condition {
  return both(
    equals(loadAt(payload, 4, 4), ((organization & 0xffff) << 16) | protocol),
    equals(loadAt(payload, 0, 4), 0xaaaa_0300 + (organization >>> 16)),
  );
}
