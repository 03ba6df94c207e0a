/** ICMP errors about segments: who on the path says what of which connection. RFC 792, RFC 4443. */
import { readUint16 } from "../base/bytes.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import type { IpAddress } from "../wire/address.ts";
import { ICMP_HEADER_SIZE } from "../wire/icmp-header.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE, Icmpv4Header, icmpv4Text } from "../wire/icmpv4.ts";
import { ICMPV6_TYPE, Icmpv6Header, icmpv6Text } from "../wire/icmpv6.ts";
import { Ipv4Header } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import type { FindingCode } from "./findings.ts";
import { networkOf } from "./network-layer.ts";

/** Four of a segment that did not get through, in its direction. */
export interface Quoted {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface PathError {
  readonly code: Extract<FindingCode, "unreachable" | "too-big" | "hops-exceeded">;
  readonly reporter: IpAddress;
  /** In words. */
  readonly what: string;
  /** Of `too-big`; 0 from old routers. */
  readonly mtu: number;
  readonly quoted: Quoted;
}

/** Undefined: it is none, or one about something else. */
export function readPathError({ interface: { linkType }, bytes }: CapturedPacket): PathError | undefined {
  const { etherType, at } = networkOf(linkType, bytes);
  if (etherType === ETHER_TYPE.ipv4) return readIpv4(bytes, at);
  return etherType === ETHER_TYPE.ipv6 ? readIpv6(bytes, at) : undefined;
}

function readIpv4(bytes: Uint8Array, at: number): PathError | undefined {
  const header = new Ipv4Header();
  if (header.readQuoted(bytes, at, bytes.length) !== undefined) return undefined;
  if (header.protocol !== IP_PROTOCOL.icmpv4 || header.fragmentOffset !== 0) return undefined;
  const start = at + header.headerLength;
  const icmp = new Icmpv4Header();
  if (icmp.read(bytes, start, bytes.length) !== undefined) return undefined;
  const code = codeOf(icmp.type, ICMPV4_TYPE, icmp.code === ICMPV4_UNREACHABLE.fragmentationNeeded);
  const inner = new Ipv4Header();
  const innerAt = start + ICMP_HEADER_SIZE;
  if (code === undefined || inner.readQuoted(bytes, innerAt, bytes.length) !== undefined) return undefined;
  const quoted = quotedOf(inner, inner.protocol, bytes, innerAt + inner.headerLength);
  if (quoted === undefined) return undefined;
  const what = icmpv4Text(icmp.type, icmp.code);
  return { code, reporter: header.source, what, mtu: code === "too-big" ? icmp.mtu : 0, quoted };
}

function readIpv6(bytes: Uint8Array, at: number): PathError | undefined {
  const header = new Ipv6Header();
  if (header.readQuoted(bytes, at, bytes.length) !== undefined) return undefined;
  if (header.nextHeader !== IP_PROTOCOL.icmpv6) return undefined;
  const start = at + IPV6_HEADER_SIZE;
  const icmp = new Icmpv6Header();
  if (icmp.read(bytes, start, bytes.length) !== undefined) return undefined;
  const code = codeOf(icmp.type, ICMPV6_TYPE, icmp.type === ICMPV6_TYPE.packetTooBig);
  const inner = new Ipv6Header();
  const innerAt = start + ICMP_HEADER_SIZE;
  if (code === undefined || inner.readQuoted(bytes, innerAt, bytes.length) !== undefined) return undefined;
  const quoted = quotedOf(inner, inner.nextHeader, bytes, innerAt + IPV6_HEADER_SIZE);
  if (quoted === undefined) return undefined;
  const what = icmpv6Text(icmp.type, icmp.code);
  return { code, reporter: header.source, what, mtu: code === "too-big" ? icmp.mtu : 0, quoted };
}

function codeOf(
  type: number,
  types: { readonly destinationUnreachable: number; readonly timeExceeded: number },
  isTooBig: boolean,
): PathError["code"] | undefined {
  if (isTooBig) return "too-big";
  if (type === types.destinationUnreachable) return "unreachable";
  return type === types.timeExceeded ? "hops-exceeded" : undefined;
}

function quotedOf(
  { source, destination }: { readonly source: IpAddress; readonly destination: IpAddress },
  protocol: number,
  bytes: Uint8Array,
  at: number,
): Quoted | undefined {
  if (protocol !== IP_PROTOCOL.tcp || bytes.length < at + 4) return undefined;
  return {
    source,
    destination,
    sourcePort: readUint16(bytes, at),
    destinationPort: readUint16(bytes, at + 2),
  };
}
