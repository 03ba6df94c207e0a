/**
 * ICMPv6. RFC 4443; the neighbor discovery messages are in ndp.
 */
import type { IpAddress } from "./address.ts";
import { ICMP_TIME_EXCEEDED, IcmpHeader } from "./icmp-header.ts";
import { IP_PROTOCOL } from "./protocol.ts";
import { transportChecksum } from "./pseudo-header.ts";

export const ICMPV6_TYPE = {
  destinationUnreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  multicastListenerQuery: 130,
  multicastListenerReport: 131,
  multicastListenerDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
  multicastListenerReportV2: 143,
} as const;

/** Codes of destination unreachable, RFC 4443 §3.1. */
export const ICMPV6_UNREACHABLE = {
  noRoute: 0,
  prohibited: 1,
  beyondScope: 2,
  address: 3,
  port: 4,
  failedPolicy: 5,
  rejectRoute: 6,
} as const;

/** Codes of parameter problem, RFC 4443 §3.4; RFC 7112 §5 for the last. The pointer is `rest`. */
export const ICMPV6_PARAMETER_PROBLEM = {
  erroneousField: 0,
  unknownNextHeader: 1,
  unknownOption: 2,
  incompleteHeaderChain: 3,
} as const;

export class Icmpv6Header extends IcmpHeader {
  /** Of packet too big. */
  get mtu(): number {
    return this.rest >>> 0;
  }

  set mtu(value: number) {
    this.rest = value | 0;
  }

  /** Of parameter problem: the octet at fault, counted from the start of the quoted packet. */
  get pointer(): number {
    return this.rest >>> 0;
  }

  set pointer(value: number) {
    this.rest = value | 0;
  }
}

/**
 * What belongs into the checksum field of the message while that is zero, and 0 when it is filled and right.
 */
export function icmpv6Checksum(
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  return transportChecksum(source, destination, IP_PROTOCOL.icmpv6, bytes, start, end);
}

/** RFC 4443 §2.1: errors have the high bit of the type clear. */
export function isIcmpv6Error(type: number): boolean {
  return type < 128;
}

const TYPE_NAMES = new Map<number, string>([
  [ICMPV6_TYPE.destinationUnreachable, "destination unreachable"],
  [ICMPV6_TYPE.packetTooBig, "packet too big"],
  [ICMPV6_TYPE.timeExceeded, "time exceeded"],
  [ICMPV6_TYPE.parameterProblem, "parameter problem"],
  [ICMPV6_TYPE.echoRequest, "echo request"],
  [ICMPV6_TYPE.echoReply, "echo reply"],
  [ICMPV6_TYPE.multicastListenerQuery, "multicast listener query"],
  [ICMPV6_TYPE.multicastListenerReport, "multicast listener report"],
  [ICMPV6_TYPE.multicastListenerDone, "multicast listener done"],
  [ICMPV6_TYPE.routerSolicitation, "router solicitation"],
  [ICMPV6_TYPE.routerAdvertisement, "router advertisement"],
  [ICMPV6_TYPE.neighborSolicitation, "neighbor solicitation"],
  [ICMPV6_TYPE.neighborAdvertisement, "neighbor advertisement"],
  [ICMPV6_TYPE.redirect, "redirect"],
  [ICMPV6_TYPE.multicastListenerReportV2, "multicast listener report v2"],
]);

/** By code. */
const UNREACHABLE_NAMES = [
  "no route",
  "communication prohibited",
  "beyond scope of source address",
  "address unreachable",
  "port unreachable",
  "source address failed policy",
  "reject route",
];

/** By code. */
const PARAMETER_PROBLEM_NAMES = [
  "erroneous header field",
  "unrecognized next header",
  "unrecognized option",
  "incomplete header chain",
];

/** For people: "echo request", "port unreachable". */
export function icmpv6Text(type: number, code: number): string {
  const name = TYPE_NAMES.get(type) ?? `type ${type}`;
  switch (type) {
    case ICMPV6_TYPE.destinationUnreachable:
      return UNREACHABLE_NAMES[code] ?? `${name}, code ${code}`;
    case ICMPV6_TYPE.parameterProblem:
      return PARAMETER_PROBLEM_NAMES[code] ?? `${name}, code ${code}`;
    case ICMPV6_TYPE.timeExceeded:
      if (code === ICMP_TIME_EXCEEDED.hopLimit) return "hop limit exceeded";
      if (code === ICMP_TIME_EXCEEDED.reassembly) return "reassembly time exceeded";
      break;
  }
  return code === 0 ? name : `${name}, code ${code}`;
}
