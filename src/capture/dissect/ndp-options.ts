/** Options of neighbor discovery: RFC 4861 §4.6; RFC 8106 (DNS), RFC 4191 (routes), RFC 3971 (nonce). */
import { type BitField, hexText, type Layer, yesNo } from "./field-tree.ts";

const NAMES: Readonly<Record<number, string>> = {
  1: "Source link-layer address",
  2: "Target link-layer address",
  3: "Prefix information",
  4: "Redirected header",
  5: "MTU",
  14: "Nonce",
  24: "Route information",
  25: "Recursive DNS servers",
  31: "DNS search list",
};

const PREFIX_BITS: readonly BitField[] = [
  { mask: 0x80, name: "On-link", abbreviation: "prefix.flag.l", show: yesNo },
  { mask: 0x40, name: "Autonomous", abbreviation: "prefix.flag.a", show: yesNo },
  { mask: 0x3f, name: "Reserved", abbreviation: "prefix.flag.reserved" },
];

const FOREVER = 0xffff_ffff;

function lifetime(seconds: number): string {
  return seconds === FOREVER ? "forever" : `${seconds} s`;
}

/** All options up to the end of the message. */
export function dissectNdpOptions(message: Layer): void {
  while (message.left > 0 && !message.short) {
    const type = message.bytes[message.at] as number;
    const length = message.left < 2 ? 0 : 8 * (message.bytes[message.at + 1] as number);
    const isPossible = length > 0 && length <= message.left;
    message.part(NAMES[type] ?? `Option ${type}`, "opt", isPossible ? length : message.left, option => {
      option.uint8("Type", "type");
      option.uint8("Length", "length", units => `${8 * units} bytes`);
      if (!isPossible) return option.complain(`a length of ${length} bytes cannot be`);
      value(option, type);
    });
  }
}

function value(option: Layer, type: number): void {
  switch (type) {
    case 1:
    case 2:
      if (option.left === 6) option.describe(option.mac("Address", "linkaddr"));
      else option.data("Address", "linkaddr", option.left);
      return;
    case 3:
      option.uint8("Prefix length", "prefix.length");
      option.uint8("Flags", "prefix.flag", flags => hexText(flags, 2), PREFIX_BITS);
      option.uint32("Valid lifetime", "prefix.valid_lifetime", lifetime);
      option.uint32("Preferred lifetime", "prefix.preferred_lifetime", lifetime);
      option.uint32("Reserved", "reserved");
      option.describe(option.address("Prefix", "prefix", 6).toString());
      return;
    case 4:
      option.data("Reserved", "reserved", 6);
      option.data("Redirected packet", "redirected_packet", option.left);
      break;
    case 5:
      option.uint16("Reserved", "reserved");
      option.describe(String(option.uint32("MTU", "mtu")));
      return;
    case 25:
      option.uint16("Reserved", "reserved");
      option.uint32("Lifetime", "rdnss.lifetime", lifetime);
      while (option.left >= 16) option.address("Server", "rdnss", 6);
      return;
    case 31:
      option.uint16("Reserved", "reserved");
      option.uint32("Lifetime", "dnssl.lifetime", lifetime);
      option.data("Names", "dnssl", option.left);
      break;
    default:
      option.data("Data", "data", option.left);
      break;
  }
}
