/** IPv6 and its extension headers: RFC 8200 §3, §4; router alert RFC 2711, jumbo payload RFC 2675. */
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type BitField, hexText, type Layer, named, yesNo } from "./field-tree.ts";
import type { IpDissector, IpScope } from "./ip-scope.ts";
import { PROTOCOL_NAMES } from "./protocol-names.ts";

const HEADER_LENGTH = 40;

const FLOW_BITS: readonly BitField[] = [
  { mask: 0xf000_0000 | 0, name: "Version", abbreviation: "version" },
  { mask: 0x0fc0_0000, name: "DSCP", abbreviation: "tclass.dscp" },
  { mask: 0x0030_0000, name: "ECN", abbreviation: "tclass.ecn" },
  { mask: 0x000f_ffff, name: "Flow label", abbreviation: "flow", show: value => hexText(value, 5) },
];

export function dissectIpv6(
  into: Layer,
  end: number,
  depth: number,
  quoted: boolean,
  dissectIp: IpDissector,
): { scope: IpScope; protocol: number; isFirst: boolean } | undefined {
  const start = into.at;
  let scope: IpScope | undefined;
  let next = 0;
  into.layer(
    "IPv6",
    "ipv6",
    HEADER_LENGTH,
    layer => {
      layer.uint32("Version, class and flow", "vcf", value => hexText(value, 8), FLOW_BITS);
      const payloadLength = layer.uint16("Payload length", "plen");
      next = layer.uint8("Next header", "nxt", named(PROTOCOL_NAMES));
      layer.uint8("Hop limit", "hlim");
      const source = layer.address("Source", "src", 6);
      const destination = layer.address("Destination", "dst", 6);
      layer.describe(`${source} > ${destination}, ${PROTOCOL_NAMES[next] ?? `protocol ${next}`}`);
      if (layer.short || start + HEADER_LENGTH > end) return;
      const packetEnd = start + HEADER_LENGTH + payloadLength;
      if (packetEnd > end && !quoted) layer.complain(`${packetEnd - end} bytes are missing`);
      const partial = quoted ? "the packet is quoted in part" : undefined;
      scope = { version: 6, source, destination, end: packetEnd, partial, depth, dissectIp };
    },
    end,
  );
  return scope === undefined ? undefined : extensions(into, end, scope, next);
}

/** Walks the extension headers; answers the protocol behind them. */
function extensions(
  into: Layer,
  end: number,
  first: IpScope,
  firstNext: number,
): { scope: IpScope; protocol: number; isFirst: boolean } | undefined {
  let scope = first;
  let next = firstNext;
  const limit = Math.min(end, first.end);
  for (;;) {
    if (into.at >= limit) return { scope, protocol: next, isFirst: true };
    switch (next) {
      case IP_PROTOCOL.hopByHop:
      case IP_PROTOCOL.destinationOptions: {
        const header = optionsHeader(into, limit, next);
        if (header === undefined) return undefined;
        next = header;
        break;
      }
      case IP_PROTOCOL.routing: {
        const header = routingHeader(into, limit, scope);
        if (header === undefined) return undefined;
        ({ scope, next } = header);
        break;
      }
      case IP_PROTOCOL.fragment: {
        const header = fragmentHeader(into, limit);
        if (header === undefined) return undefined;
        next = header.next;
        if (header.isWhole) break;
        scope = { ...scope, partial: "this is a fragment" };
        if (!header.isFirst) return { scope, protocol: next, isFirst: false };
        break;
      }
      default:
        return { scope, protocol: next, isFirst: true };
    }
  }
}

/** The length of an extension header in 8-octet units, the first not counted. */
function extensionLength(into: Layer): number {
  return into.left < 2 ? 8 : 8 * ((into.bytes[into.at + 1] as number) + 1);
}

function addNext(layer: Layer): number {
  const next = layer.uint8("Next header", "nxt", named(PROTOCOL_NAMES));
  layer.uint8("Length", "len", units => `${8 * (units + 1)} bytes`);
  return next;
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: "Pad1",
  1: "PadN",
  5: "Router alert",
  194: "Jumbo payload",
  201: "Home address",
};

const OPTION_TYPE_BITS: readonly BitField[] = [
  {
    mask: 0xc0,
    name: "If unknown",
    abbreviation: "type.action",
    show: named({ 0: "skip", 1: "discard", 2: "discard and tell", 3: "discard and tell if unicast" }),
  },
  { mask: 0x20, name: "May change en route", abbreviation: "type.change", show: yesNo },
  { mask: 0x1f, name: "Number", abbreviation: "type.number" },
];

/** §4.3, §4.6. */
function optionsHeader(into: Layer, limit: number, kind: number): number | undefined {
  const isHopByHop = kind === IP_PROTOCOL.hopByHop;
  let next: number | undefined;
  const name = isHopByHop ? "Hop-by-hop options" : "Destination options";
  into.layer(
    name,
    isHopByHop ? "ipv6.hopopts" : "ipv6.dstopts",
    extensionLength(into),
    layer => {
      const following = addNext(layer);
      while (layer.left > 0) option(layer);
      if (!layer.short) next = following;
    },
    limit,
  );
  return next;
}

/** §4.2. */
function option(header: Layer): void {
  const type = header.bytes[header.at] as number;
  const length = type === 0 ? 1 : header.left < 2 ? 2 : 2 + (header.bytes[header.at + 1] as number);
  if (length > header.left) {
    header.complain("an option reaches beyond the header");
    header.data("Option", "opt", header.left);
    return;
  }
  header.part(OPTION_NAMES[type] ?? `Option ${type}`, "opt", length, layer => {
    layer.uint8("Type", "type", String, OPTION_TYPE_BITS);
    if (type === 0) return;
    layer.uint8("Length", "len");
    if (type === 5 && length === 4) layer.uint16("Value", "rtalert");
    else if (type === 194 && length === 6) layer.uint32("Payload length", "jumbo");
    else if (type === 201 && length === 18) layer.address("Home address", "home", 6);
    else if (type === 1) layer.data("Padding", "padn", layer.left);
    else layer.data("Data", "data", layer.left);
  });
}

/** §4.4; types 2 (RFC 6275 §6.4) and 4 (RFC 8754 §2). The checksum covers the final destination (§8.1). */
function routingHeader(
  into: Layer,
  limit: number,
  scope: IpScope,
): { scope: IpScope; next: number } | undefined {
  let result: { scope: IpScope; next: number } | undefined;
  into.layer(
    "Routing",
    "ipv6.routing",
    extensionLength(into),
    layer => {
      const next = addNext(layer);
      const type = layer.uint8(
        "Type",
        "type",
        named({ 0: "source route", 2: "mobile", 4: "segment routing" }),
      );
      const segmentsLeft = layer.uint8("Segments left", "segleft");
      if (type === 4) {
        layer.uint8("Last entry", "last");
        layer.uint8("Flags", "flags", value => hexText(value, 2));
        layer.uint16("Tag", "tag", value => hexText(value, 4));
      } else layer.uint32("Reserved", "reserved");
      let destination = scope.destination;
      let index = 0;
      const isKnown = type === 0 || type === 2 || type === 4;
      while (isKnown && layer.left >= 16) {
        const hop = layer.address(`Address [${index}]`, "addr", 6);
        if (segmentsLeft > 0 && (type !== 4 || index === 0)) destination = hop;
        index++;
      }
      if (!layer.short) result = { scope: { ...scope, destination }, next };
    },
    limit,
  );
  return result;
}

const FRAGMENT_BITS: readonly BitField[] = [
  { mask: 0xfff8, name: "Offset", abbreviation: "offset", show: units => `${8 * units} bytes` },
  { mask: 0x0006, name: "Reserved", abbreviation: "reserved_bits" },
  { mask: 0x0001, name: "More fragments", abbreviation: "more", show: yesNo },
];

/** §4.5. */
function fragmentHeader(
  into: Layer,
  limit: number,
): { next: number; isFirst: boolean; isWhole: boolean } | undefined {
  let result: { next: number; isFirst: boolean; isWhole: boolean } | undefined;
  into.layer(
    "Fragment",
    "ipv6.fraghdr",
    8,
    layer => {
      const next = layer.uint8("Next header", "nxt", named(PROTOCOL_NAMES));
      layer.uint8("Reserved", "reserved_octet");
      const field = layer.uint16("Offset and flags", "offlg", value => hexText(value, 4), FRAGMENT_BITS);
      layer.uint32("Identification", "ident", value => hexText(value, 8));
      if (layer.short) return;
      const isFirst = (field & 0xfff8) === 0;
      result = { next, isFirst, isWhole: isFirst && (field & 1) === 0 };
    },
    limit,
  );
  return result;
}
