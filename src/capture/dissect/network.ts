/** From an EtherType to the network layer, and from an IP protocol to the transport. */
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import { dissectArp } from "./arp.ts";
import type { Layer } from "./field-tree.ts";
import { hexText, named } from "./field-tree.ts";
import { dissectIcmpv4 } from "./icmpv4.ts";
import { dissectIcmpv6 } from "./icmpv6.ts";
import { dissectIgmp } from "./igmp.ts";
import { type IpScope, MAX_DEPTH } from "./ip-scope.ts";
import { dissectIpv4 } from "./ipv4.ts";
import { dissectIpv6 } from "./ipv6.ts";
import { PROTOCOL_NAMES } from "./protocol-names.ts";
import { dissectTcp } from "./tcp.ts";
import { dissectUdp } from "./udp.ts";

const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;

/** What follows a link header. Bytes after the network layer's own end are left to the frame: padding. */
export function dissectNetwork(frame: Layer, etherType: number | undefined): void {
  if (frame.left === 0) return;
  if (etherType === ETHER_TYPE.ipv4 || etherType === ETHER_TYPE.ipv6) dissectIp(frame, frame.end, 0, false);
  else if (etherType === ETHER_TYPE.arp || etherType === ETHER_TYPE.rarp) dissectArp(frame);
  else addUnknown(frame, frame.end);
}

/** A packet of either version. */
export function dissectIp(into: Layer, end: number, depth: number, quoted: boolean): void {
  if (into.at >= end) return;
  const version = (into.bytes[into.at] as number) >>> 4;
  if (version !== 4 && version !== 6) {
    into.complain(`IP version ${version}`);
    addUnknown(into, end);
    return;
  }
  const header =
    version === 4
      ? dissectIpv4(into, end, depth, quoted, dissectIp)
      : dissectIpv6(into, end, depth, quoted, dissectIp);
  if (header === undefined) return;
  const { scope, protocol, isFirst } = header;
  const payloadEnd = Math.min(end, scope.end);
  if (into.at >= payloadEnd) return;
  if (isFirst) dissectPayload(into, payloadEnd, scope, protocol);
  else into.data("Fragment", "ip.fragment", payloadEnd - into.at, node => `${node.length} bytes`);
}

type PayloadDissector = (into: Layer, end: number, scope: IpScope) => void;

const PAYLOADS: Readonly<Record<number, PayloadDissector>> = {
  [IP_PROTOCOL.tcp]: dissectTcp,
  [IP_PROTOCOL.udp]: dissectUdp,
  [IP_PROTOCOL.icmpv4]: dissectIcmpv4,
  [IP_PROTOCOL.icmpv6]: dissectIcmpv6,
  [IP_PROTOCOL.igmp]: dissectIgmp,
  [IP_PROTOCOL.ah]: dissectAh,
  [IP_PROTOCOL.esp]: dissectEsp,
  [IPV4_IN_IP]: dissectInner,
  [IPV6_IN_IP]: dissectInner,
};

function dissectPayload(into: Layer, end: number, scope: IpScope, protocol: number): void {
  (PAYLOADS[protocol] ?? addUnknown)(into, end, scope);
}

function addUnknown(into: Layer, end: number): void {
  into.data("Payload", "payload", end - into.at, node => `${node.length} bytes`);
}

/** IP in IP: RFC 2003, RFC 4213. */
function dissectInner(into: Layer, end: number, scope: IpScope): void {
  if (scope.depth >= MAX_DEPTH) addUnknown(into, end);
  else dissectIp(into, end, scope.depth + 1, scope.partial !== undefined);
}

/** RFC 4302 §2. */
function dissectAh(into: Layer, end: number, scope: IpScope): void {
  const length = into.left < 2 ? 12 : 4 * ((into.bytes[into.at + 1] as number) + 2);
  let next: number | undefined;
  into.layer(
    "Authentication header",
    "ah",
    Math.max(length, 12),
    layer => {
      const following = layer.uint8("Next header", "next_header", named(PROTOCOL_NAMES));
      layer.uint8("Length", "length", units => `${4 * (units + 2)} bytes`);
      layer.uint16("Reserved", "reserved");
      layer.uint32("Security parameters index", "spi", spi => hexText(spi, 8));
      layer.uint32("Sequence number", "sequence");
      layer.data("Integrity check value", "icv", layer.left);
      if (!layer.short && length >= 12) next = following;
    },
    end,
  );
  if (into.at >= end) return;
  if (next === undefined || scope.depth >= MAX_DEPTH) addUnknown(into, end);
  else dissectPayload(into, end, { ...scope, depth: scope.depth + 1 }, next);
}

/** RFC 4303 §2. */
function dissectEsp(into: Layer, end: number): void {
  into.layer(
    "Encapsulating security payload",
    "esp",
    end - into.at,
    layer => {
      layer.uint32("Security parameters index", "spi", spi => hexText(spi, 8));
      layer.uint32("Sequence number", "sequence");
      layer.data("Encrypted", "encrypted_data", layer.left, node => `${node.length} bytes`);
    },
    end,
  );
}
