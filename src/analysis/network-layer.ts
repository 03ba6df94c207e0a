/** Where the IP packet of a captured one lies: behind Ethernet with its tags, Linux cooked, BSD loopback. */
import { readUint16 } from "../base/bytes.ts";
import {
  LINK_TYPE,
  LINUX_COOKED_LENGTH,
  LINUX_COOKED2_LENGTH,
  NULL_LENGTH,
  nullEtherType,
  nullFamily,
  rawEtherType,
} from "../capture/link-type.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";

export interface NetworkLayer {
  readonly etherType: number | undefined;
  readonly at: number;
}

const ETHERNET_LENGTH = 14;
const TAG_LENGTH = 4;
const TAG_TYPES: ReadonlySet<number> = new Set([ETHER_TYPE.vlan, 0x88a8, 0x9100, 0x9200]);
const NOWHERE: NetworkLayer = { etherType: undefined, at: 0 };

export function networkOf(linkType: number, bytes: Uint8Array): NetworkLayer {
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return behindTags(bytes, ETHERNET_LENGTH);
    case LINK_TYPE.raw:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      return bytes.length === 0 ? NOWHERE : { etherType: rawEtherType(bytes, 0), at: 0 };
    case LINK_TYPE.null:
      return bytes.length < NULL_LENGTH
        ? NOWHERE
        : { etherType: nullEtherType(nullFamily(bytes, 0)), at: NULL_LENGTH };
    case LINK_TYPE.linuxCooked:
      return behindTags(bytes, LINUX_COOKED_LENGTH);
    case LINK_TYPE.linuxCooked2:
      return bytes.length < LINUX_COOKED2_LENGTH
        ? NOWHERE
        : { etherType: readUint16(bytes, 0), at: LINUX_COOKED2_LENGTH };
    default:
      return NOWHERE;
  }
}

/** The EtherType stands in the two bytes before `at`; a tag of a VLAN puts another behind it. */
function behindTags(bytes: Uint8Array, at: number): NetworkLayer {
  let next = at;
  while (bytes.length >= next) {
    const etherType = readUint16(bytes, next - 2);
    if (!TAG_TYPES.has(etherType)) return { etherType, at: next };
    next += TAG_LENGTH;
  }
  return NOWHERE;
}
