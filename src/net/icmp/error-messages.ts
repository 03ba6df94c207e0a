/**
 * ICMP errors: when one may be sent, and what it quotes. RFC 792, RFC 1122 §3.2.2, RFC 1812 §4.3.2, RFC
 * 4443 §2.4. Their rate is limited elsewhere (rate-limit).
 */
import { readUint8, readUint16, writeUint16 } from "../../base/bytes.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { IpAddress } from "../../wire/address.ts";
import { ICMP_HEADER_SIZE, IcmpHeader } from "../../wire/icmp-header.ts";
import { ICMPV4_TYPE, icmpv4Checksum, isIcmpv4Error } from "../../wire/icmpv4.ts";
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_TYPE, icmpv6Checksum, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { IPV4_HEADER_SIZE } from "../../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, IPV6_MIN_MTU } from "../../wire/ipv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { walkHeaderChain } from "../ipv6/header-chain.ts";

/** RFC 1812 §4.3.2.3: as much of the packet as fits 576 bytes with the IP header of the error. */
const LARGEST_V4 = 576 - IPV4_HEADER_SIZE;
/** RFC 4443 §2.4 (c): as much as fits the minimum MTU. */
const LARGEST_V6 = IPV6_MIN_MTU - IPV6_HEADER_SIZE;

/**
 * Writes an ICMPv4 error about `offending` (its IPv4 header is at `network`) into `reply`: the window
 * becomes the ICMP message, checksum done. `parameter` is the message's second word: the next hop's MTU, or
 * the pointer shifted by 24.
 */
export function writeIcmpv4Error(
  reply: PacketBuffer,
  offending: PacketBuffer,
  type: number,
  code: number,
  parameter: number,
): void {
  writeMessage(reply, offending, type, code, parameter, LARGEST_V4);
  writeUint16(reply.bytes, reply.start + 2, icmpv4Checksum(reply.bytes, reply.start, reply.end));
}

/** Likewise an ICMPv6 error, whose checksum covers its two addresses. `parameter`: the MTU or the pointer. */
export function writeIcmpv6Error(
  reply: PacketBuffer,
  offending: PacketBuffer,
  type: number,
  code: number,
  parameter: number,
  source: IpAddress,
  destination: IpAddress,
): void {
  writeMessage(reply, offending, type, code, parameter, LARGEST_V6);
  const { bytes, start, end } = reply;
  writeUint16(bytes, start + 2, icmpv6Checksum(source, destination, bytes, start, end));
}

const header = new IcmpHeader();

function writeMessage(
  reply: PacketBuffer,
  offending: PacketBuffer,
  type: number,
  code: number,
  parameter: number,
  largest: number,
): void {
  const quoted = Math.min(offending.end - offending.network, largest - ICMP_HEADER_SIZE);
  header.type = type;
  header.code = code;
  header.rest = parameter;
  reply.reset();
  header.write(reply.bytes, reply.append(ICMP_HEADER_SIZE));
  const from = offending.network;
  reply.bytes.set(offending.bytes.subarray(from, from + quoted), reply.append(quoted));
  reply.transport = reply.start;
}

/**
 * RFC 1122 §3.2.2: no error about an ICMP error, a packet for many (`isGroup`: by its IP or its link
 * address), a fragment other than the first, or one whose source is not a single host. `offending.network`
 * is its IPv4 header.
 */
export function mayAnswerIpv4(offending: PacketBuffer, isGroup: boolean): boolean {
  const { bytes, network, end } = offending;
  if (isGroup || network < 0 || end - network < IPV4_HEADER_SIZE) return false;
  if ((readUint16(bytes, network + 6) & 0x1fff) !== 0) return false;
  if (!isSingleHostV4(IpAddress.read(4, bytes, network + 12))) return false;
  if (!isSingleHostV4(IpAddress.read(4, bytes, network + 16))) return false;
  if (readUint8(bytes, network + 9) !== IP_PROTOCOL.icmpv4) return true;
  const at = network + (readUint8(bytes, network) & 0xf) * 4;
  if (at >= end) return false;
  const offendingType = readUint8(bytes, at);
  // A type that we do not know may be an error's.
  return !isIcmpv4Error(offendingType) && offendingType <= ICMPV4_TYPE.addressMaskReply;
}

/**
 * Class E is for nobody; loopback is left to the input's check of addresses, since we may be talking to
 * ourselves.
 */
function isSingleHostV4(address: IpAddress): boolean {
  return address.w3 >>> 28 < 0xe && address.w3 >>> 24 !== 0;
}

/**
 * RFC 4443 §2.4 (e): no error about an ICMPv6 error or redirect, a packet for many, or one whose source is
 * not a single host. Packet too big, and parameter problem code 2, do answer packets for many. Of a later
 * fragment of ICMPv6 nobody can say whether it is an error, so none answers it. `offending.network` is its
 * IPv6 header.
 */
export function mayAnswerIpv6(
  offending: PacketBuffer,
  isGroup: boolean,
  type: number,
  code: number,
): boolean {
  const { bytes, network, end } = offending;
  if (network < 0 || end - network < IPV6_HEADER_SIZE) return false;
  const source = IpAddress.read(6, bytes, network + 8);
  if (source.isUnspecified || source.isMulticast) return false;
  const answersGroups =
    type === ICMPV6_TYPE.packetTooBig ||
    (type === ICMPV6_TYPE.parameterProblem && code === ICMPV6_PARAMETER_PROBLEM.unknownOption);
  if (!answersGroups && (isGroup || IpAddress.read(6, bytes, network + 24).isMulticast)) return false;
  const chain = walkHeaderChain(bytes, network, end);
  if (chain?.protocol !== IP_PROTOCOL.icmpv6) return true;
  if (chain.isLaterFragment || chain.at >= end) return false;
  const offendingType = readUint8(bytes, chain.at);
  return !isIcmpv6Error(offendingType) && offendingType !== ICMPV6_TYPE.redirect;
}
