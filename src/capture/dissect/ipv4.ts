/** IPv4: RFC 791 §3.1, RFC 2474 (DSCP), RFC 3168 (ECN), RFC 2113 (router alert). */

import { readUint16 } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { rightChecksum } from "../right-checksum.ts";
import { type BitField, hexText, type Layer, named, yesNo } from "./field-tree.ts";
import type { IpDissector, IpScope } from "./ip-scope.ts";
import { PROTOCOL_NAMES } from "./protocol-names.ts";

const HEADER_LENGTH = 20;
const MORE_FRAGMENTS = 0x2000;

export const TRAFFIC_CLASS_BITS: readonly BitField[] = [
  { mask: 0xfc, name: "DSCP", abbreviation: "dscp" },
  {
    mask: 0x03,
    name: "ECN",
    abbreviation: "ecn",
    show: named({ 0: "not ECN-capable", 1: "ECT(1)", 2: "ECT(0)", 3: "congestion experienced" }),
  },
];

const VERSION_BITS: readonly BitField[] = [
  { mask: 0xf0, name: "Version", abbreviation: "version" },
  { mask: 0x0f, name: "Header length", abbreviation: "hdr_len", show: words => `${4 * words} bytes` },
];

const FRAGMENT_BITS: readonly BitField[] = [
  { mask: 0x8000, name: "Reserved", abbreviation: "flags.rb", show: yesNo },
  { mask: 0x4000, name: "Don't fragment", abbreviation: "flags.df", show: yesNo },
  { mask: 0x2000, name: "More fragments", abbreviation: "flags.mf", show: yesNo },
  { mask: 0x1fff, name: "Fragment offset", abbreviation: "frag_offset", show: units => `${8 * units} bytes` },
];

/** Takes the header and answers what its payload has to know; undefined: there is no telling what follows. */
export function dissectIpv4(
  into: Layer,
  end: number,
  depth: number,
  quoted: boolean,
  dissectIp: IpDissector,
): { scope: IpScope; protocol: number; isFirst: boolean } | undefined {
  const { bytes, at: start } = into;
  const headerLength = ((bytes[start] as number) & 0x0f) * 4;
  let result: { scope: IpScope; protocol: number; isFirst: boolean } | undefined;
  into.layer(
    "IPv4",
    "ip",
    Math.max(headerLength, HEADER_LENGTH),
    layer => {
      layer.uint8("Version and header length", "vhl", value => hexText(value, 2), VERSION_BITS);
      layer.uint8("Differentiated services", "dsfield", value => hexText(value, 2), TRAFFIC_CLASS_BITS);
      const total = layer.uint16("Total length", "len");
      layer.uint16("Identification", "id", value => hexText(value, 4));
      const fragment = layer.uint16("Flags and offset", "frag", value => hexText(value, 4), FRAGMENT_BITS);
      layer.uint8("Time to live", "ttl");
      const protocol = layer.uint8("Protocol", "proto", named(PROTOCOL_NAMES));
      addHeaderChecksum(layer, start, headerLength);
      const source = layer.address("Source", "src", 4);
      const destination = layer.address("Destination", "dst", 4);
      if (headerLength < HEADER_LENGTH) layer.complain(`a header of ${headerLength} bytes is too short`);
      dissectIpv4Options(layer);
      layer.describe(`${source} > ${destination}, ${PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`}`);
      if (layer.short || headerLength < HEADER_LENGTH || start + headerLength > end) return;
      const packetEnd = start + (total === 0 ? end - start : total);
      if (total !== 0 && total < headerLength)
        return layer.complain(`a total length of ${total} is too short`);
      if (packetEnd > end && !quoted) layer.complain(`${packetEnd - end} bytes are missing`);
      const isFragment = (fragment & (MORE_FRAGMENTS | 0x1fff)) !== 0;
      const partial = isFragment ? "this is a fragment" : quoted ? "the packet is quoted in part" : undefined;
      result = {
        scope: { version: 4, source, destination, end: packetEnd, partial, depth, dissectIp },
        protocol,
        isFirst: (fragment & 0x1fff) === 0,
      };
    },
    end,
  );
  return result;
}

function addHeaderChecksum(layer: Layer, start: number, headerLength: number): void {
  if (layer.left < 2 || headerLength < HEADER_LENGTH || start + headerLength > layer.end) {
    layer.checksum(
      layer.left < 2 ? 0 : readUint16(layer.bytes, layer.at),
      undefined,
      "the header is not whole",
    );
    return;
  }
  const found = readUint16(layer.bytes, layer.at);
  const left = checksum(layer.bytes, start, start + headerLength);
  layer.checksum(found, left === 0 ? found : rightChecksum(found, left), "");
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: "End of options",
  1: "No operation",
  7: "Record route",
  68: "Timestamp",
  130: "Security",
  131: "Loose source route",
  136: "Stream identifier",
  137: "Strict source route",
  148: "Router alert",
};

const OPTION_TYPE_BITS: readonly BitField[] = [
  { mask: 0x80, name: "Copied on fragmentation", abbreviation: "type.copy", show: yesNo },
  { mask: 0x60, name: "Class", abbreviation: "type.class" },
  { mask: 0x1f, name: "Number", abbreviation: "type.number" },
];

/** All options up to the end of the layer. */
function dissectIpv4Options(header: Layer): void {
  if (header.left === 0 || header.short) return;
  header.part("Options", "opt", header.left, options => {
    while (options.left > 0) {
      const type = options.bytes[options.at] as number;
      const bare = type <= 1;
      const length = bare ? 1 : options.left < 2 ? 1 : (options.bytes[options.at + 1] as number);
      const whole = bare || (length >= 2 && length <= options.left);
      options.part(
        OPTION_NAMES[type] ?? `Option ${type}`,
        "option",
        whole ? length : options.left,
        option => {
          option.uint8("Type", "type", String, OPTION_TYPE_BITS);
          if (bare) return;
          option.uint8("Length", "len");
          if (!whole) return option.complain(`a length of ${length} cannot be`);
          optionValue(option, type);
        },
      );
      if (type === 0) break;
    }
    if (options.left > 0) options.data("Padding", "padding", options.left);
  });
}

function optionValue(option: Layer, type: number): void {
  if (type === 7 || type === 131 || type === 137) {
    option.uint8("Pointer", "ptr");
    while (option.left >= 4) option.address("Hop", "hop", 4);
  } else if (type === 68) {
    option.uint8("Pointer", "ptr");
    const flags = option.uint8("Overflow and flag", "ts.oflw", value => hexText(value, 2), [
      { mask: 0xf0, name: "Overflow", abbreviation: "ts.overflow" },
      { mask: 0x0f, name: "Flag", abbreviation: "ts.flag" },
    ]);
    while (option.left >= 4) {
      if ((flags & 0x0f) !== 0) option.address("Hop", "hop", 4);
      if (option.left >= 4) option.uint32("Timestamp", "ts.time");
    }
  } else if (type === 148) option.uint16("Value", "ra");
}
