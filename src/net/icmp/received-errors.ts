/**
 * ICMP errors about packets of ours, read into what transports act on: RFC 1122 §3.2.2, RFC 4443 §3. Kinds
 * and error codes follow Linux's tables; where that has a code that Node has not (ENONET, EHOSTDOWN), the
 * nearest stands.
 */
import { readUint8, readUint16, readUint32 } from "../../base/bytes.ts";
import type { DropReason } from "../../base/drop-reason.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { IpAddress } from "../../wire/address.ts";
import { ICMP_HEADER_SIZE } from "../../wire/icmp-header.ts";
import { ICMPV4_TYPE } from "../../wire/icmpv4.ts";
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_TYPE } from "../../wire/icmpv6.ts";
import { IPV4_HEADER_SIZE } from "../../wire/ipv4.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { walkHeaderChain } from "../ipv6/header-chain.ts";
import type { IcmpError } from "../transport.ts";

/** RFC 792: what an error quotes at least of the transport header. */
const LEAST_QUOTE = 8;

type Meaning = readonly [kind: IcmpError["kind"], code: ErrorCode];

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1: destination unreachable, by code. */
const UNREACHABLE_V4: readonly Meaning[] = [
  ["network-unreachable", "ENETUNREACH"],
  ["host-unreachable", "EHOSTUNREACH"],
  ["protocol-unreachable", "ENOPROTOOPT"],
  ["port-unreachable", "ECONNREFUSED"],
  ["packet-too-big", "EMSGSIZE"],
  ["host-unreachable", "EOPNOTSUPP"], // source route failed
  ["network-unreachable", "ENETUNREACH"], // unknown
  ["host-unreachable", "EHOSTUNREACH"], // unknown
  ["network-unreachable", "ENETUNREACH"], // source host isolated
  ["prohibited", "ENETUNREACH"], // network
  ["prohibited", "EHOSTUNREACH"], // host
  ["network-unreachable", "ENETUNREACH"], // for this type of service
  ["host-unreachable", "EHOSTUNREACH"], // for this type of service
  ["prohibited", "EHOSTUNREACH"], // filtered
  ["prohibited", "EHOSTUNREACH"], // precedence violation
  ["prohibited", "EHOSTUNREACH"], // precedence cutoff
];

/** RFC 4443 §3.1, by code. */
const UNREACHABLE_V6: readonly Meaning[] = [
  ["network-unreachable", "ENETUNREACH"],
  ["prohibited", "EACCES"],
  ["host-unreachable", "EHOSTUNREACH"], // beyond the scope of the source address
  ["host-unreachable", "EHOSTUNREACH"],
  ["port-unreachable", "ECONNREFUSED"],
  ["prohibited", "EACCES"], // the source address failed a policy
  ["prohibited", "EACCES"], // a route says so
];

function meaningV4(type: number, code: number): Meaning | undefined {
  switch (type) {
    case ICMPV4_TYPE.destinationUnreachable:
      return UNREACHABLE_V4[code];
    case ICMPV4_TYPE.sourceQuench:
      // RFC 6633: to be ignored by whoever gets it.
      return ["source-quench", "ENOBUFS"];
    case ICMPV4_TYPE.timeExceeded:
      return ["time-exceeded", "EHOSTUNREACH"];
    case ICMPV4_TYPE.parameterProblem:
      return ["parameter-problem", "EPROTO"];
    default:
      return undefined;
  }
}

function meaningV6(type: number, code: number): Meaning | undefined {
  switch (type) {
    case ICMPV6_TYPE.destinationUnreachable:
      return UNREACHABLE_V6[code];
    case ICMPV6_TYPE.packetTooBig:
      return ["packet-too-big", "EMSGSIZE"];
    case ICMPV6_TYPE.timeExceeded:
      return ["time-exceeded", "EHOSTUNREACH"];
    case ICMPV6_TYPE.parameterProblem:
      return code === ICMPV6_PARAMETER_PROBLEM.unknownNextHeader
        ? ["protocol-unreachable", "EPROTO"]
        : ["parameter-problem", "EPROTO"];
    default:
      return undefined;
  }
}

/**
 * Reads the error whose ICMP message is `bytes[start, end)`, checksum verified, sent by `reporter`. A
 * quoted later fragment has no transport header, so no socket can be meant.
 */
export function readIcmpv4Error(
  bytes: Uint8Array,
  start: number,
  end: number,
  reporter: IpAddress,
): IcmpError | DropReason {
  const network = start + ICMP_HEADER_SIZE;
  if (end - network < IPV4_HEADER_SIZE) return "icmp-truncated";
  const type = readUint8(bytes, start);
  const icmpCode = readUint8(bytes, start + 1);
  const meaning = meaningV4(type, icmpCode);
  if (meaning === undefined) return "icmp-unknown-type";
  const version = readUint8(bytes, network) >>> 4;
  const headerLength = (readUint8(bytes, network) & 0xf) * 4;
  if (version !== 4 || headerLength < IPV4_HEADER_SIZE) return "icmp-malformed";
  const quoteAt = network + headerLength;
  const quoteEnd = Math.min(end, network + readUint16(bytes, network + 2));
  if (quoteEnd - quoteAt < LEAST_QUOTE) return "icmp-truncated";
  if ((readUint16(bytes, network + 6) & 0x1fff) !== 0) return "icmp-no-socket";
  const [kind, code] = meaning;
  return {
    kind,
    code,
    mtu: kind === "packet-too-big" ? readUint16(bytes, start + 6) : 0,
    type,
    icmpCode,
    reporter,
    local: IpAddress.read(4, bytes, network + 12),
    remote: IpAddress.read(4, bytes, network + 16),
    protocol: readUint8(bytes, network + 9),
    quote: bytes.subarray(quoteAt, quoteEnd),
  };
}

/** Likewise for ICMPv6. RFC 4443 §5.2: the extension headers in the quote are passed over. */
export function readIcmpv6Error(
  bytes: Uint8Array,
  start: number,
  end: number,
  reporter: IpAddress,
): IcmpError | DropReason {
  const network = start + ICMP_HEADER_SIZE;
  if (end - network < IPV6_HEADER_SIZE) return "icmp-truncated";
  const type = readUint8(bytes, start);
  const icmpCode = readUint8(bytes, start + 1);
  const meaning = meaningV6(type, icmpCode);
  if (meaning === undefined) return "icmp-unknown-type";
  if (readUint8(bytes, network) >>> 4 !== 6) return "icmp-malformed";
  const quoteEnd = Math.min(end, network + IPV6_HEADER_SIZE + readUint16(bytes, network + 4));
  const chain = walkHeaderChain(bytes, network, quoteEnd);
  if (chain === undefined) return "icmp-truncated";
  if (chain.isLaterFragment) return "icmp-no-socket";
  if (quoteEnd - chain.at < LEAST_QUOTE) return "icmp-truncated";
  const [kind, code] = meaning;
  return {
    kind,
    code,
    mtu: kind === "packet-too-big" ? readUint32(bytes, start + 4) : 0,
    type,
    icmpCode,
    reporter,
    local: IpAddress.read(6, bytes, network + 8),
    remote: IpAddress.read(6, bytes, network + 24),
    protocol: chain.protocol,
    quote: bytes.subarray(chain.at, quoteEnd),
  };
}
