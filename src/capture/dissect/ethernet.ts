/** Link headers: Ethernet (IEEE 802.3) with VLAN tags (802.1Q), BSD loopback, Linux cooked v1 and v2. */
import { ETHER_TYPE } from "../../wire/protocol.ts";
import {
  LINUX_COOKED_LENGTH,
  LINUX_COOKED2_LENGTH,
  NULL_LENGTH,
  nullEtherType,
  nullFamily,
} from "../link-type.ts";
import { hexText, type Layer, named, yesNo } from "./field-tree.ts";

const HEADER_LENGTH = 14;
const TAG_LENGTH = 4;
const MAX_LENGTH_FIELD = 1500;
const TAG_TYPES: readonly number[] = [ETHER_TYPE.vlan, 0x88a8, 0x9100, 0x9200];

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ETHER_TYPE.ipv4]: "IPv4",
  [ETHER_TYPE.ipv6]: "IPv6",
  [ETHER_TYPE.arp]: "ARP",
  [ETHER_TYPE.rarp]: "RARP",
  [ETHER_TYPE.vlan]: "802.1Q",
  34984: "802.1ad",
};

export function etherTypeText(type: number): string {
  return TYPE_NAMES[type] === undefined ? hexText(type, 4) : `${hexText(type, 4)} (${TYPE_NAMES[type]})`;
}

/** Answers the EtherType of what follows; undefined when that is not known. */
export function dissectEthernet(frame: Layer): number | undefined {
  let type = 0;
  let short = false;
  frame.layer("Ethernet", "eth", HEADER_LENGTH, layer => {
    const destination = layer.mac("Destination", "dst");
    const source = layer.mac("Source", "src");
    type = layer.uint16("Type", "type", value =>
      value <= MAX_LENGTH_FIELD ? `${value} bytes of 802.3` : etherTypeText(value),
    );
    short = layer.short;
    if (!short) layer.describe(`${source} > ${destination}`);
  });
  while (!short && TAG_TYPES.includes(type)) {
    frame.layer("VLAN tag", "vlan", TAG_LENGTH, layer => {
      const control = layer.uint16("Tag control", "tci", value => hexText(value, 4), [
        { mask: 0xe000, name: "Priority", abbreviation: "priority" },
        { mask: 0x1000, name: "Drop eligible", abbreviation: "dei", show: yesNo },
        { mask: 0x0fff, name: "Identifier", abbreviation: "id" },
      ]);
      type = layer.uint16("Type", "type", etherTypeText);
      short = layer.short || frame.left < TAG_LENGTH;
      layer.describe(`id ${control & 0xfff}`);
    });
  }
  return short ? undefined : type;
}

const FAMILY_NAMES: Readonly<Record<number, string>> = {
  2: "IPv4",
  10: "IPv6",
  24: "IPv6",
  28: "IPv6",
  30: "IPv6",
};

export function dissectNull(frame: Layer): number | undefined {
  const whole = frame.left >= NULL_LENGTH;
  const family = whole ? nullFamily(frame.bytes, frame.at) : 0;
  frame.layer("BSD loopback", "null", NULL_LENGTH, layer => {
    layer.uint32("Family", "family", () => named(FAMILY_NAMES)(family));
  });
  return whole ? nullEtherType(family) : undefined;
}

const PACKET_TYPES: Readonly<Record<number, string>> = {
  0: "to us",
  1: "broadcast",
  2: "multicast",
  3: "to another host",
  4: "from us",
};

export function dissectCooked(frame: Layer): number | undefined {
  const whole = frame.left >= LINUX_COOKED_LENGTH;
  let type = 0;
  frame.layer("Linux cooked", "sll", LINUX_COOKED_LENGTH, layer => {
    layer.uint16("Packet type", "pkttype", named(PACKET_TYPES));
    layer.uint16("Link type", "hatype");
    layer.uint16("Address length", "halen");
    layer.data("Address", "addr", 8);
    type = layer.uint16("Protocol", "protocol", etherTypeText);
  });
  return whole ? type : undefined;
}

export function dissectCooked2(frame: Layer): number | undefined {
  const whole = frame.left >= LINUX_COOKED2_LENGTH;
  let type = 0;
  frame.layer("Linux cooked v2", "sll", LINUX_COOKED2_LENGTH, layer => {
    type = layer.uint16("Protocol", "protocol", etherTypeText);
    layer.uint16("Reserved", "reserved");
    layer.uint32("Interface index", "ifindex");
    layer.uint16("Link type", "hatype");
    layer.uint8("Packet type", "pkttype", named(PACKET_TYPES));
    layer.uint8("Address length", "halen");
    layer.data("Address", "addr", 8);
  });
  return whole ? type : undefined;
}
