/**
 * ICMP. RFC 792; fragmentation-needed carries the next hop's MTU by RFC 1191 §4. Codes: RFC 792, RFC 1122
 * §3.2.2.1, RFC 1812 §5.2.7.1.
 */
import { checksum } from "../base/checksum.ts";
import { ICMP_TIME_EXCEEDED, IcmpHeader } from "./icmp-header.ts";

export const ICMPV4_TYPE = {
  echoReply: 0,
  destinationUnreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echoRequest: 8,
  routerAdvertisement: 9,
  routerSolicitation: 10,
  timeExceeded: 11,
  parameterProblem: 12,
  timestampRequest: 13,
  timestampReply: 14,
  informationRequest: 15,
  informationReply: 16,
  addressMaskRequest: 17,
  addressMaskReply: 18,
} as const;

/** Codes of destination unreachable. */
export const ICMPV4_UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  sourceRouteFailed: 5,
  networkUnknown: 6,
  hostUnknown: 7,
  hostIsolated: 8,
  networkProhibited: 9,
  hostProhibited: 10,
  networkUnreachableForTos: 11,
  hostUnreachableForTos: 12,
  prohibited: 13,
  precedenceViolation: 14,
  precedenceCutoff: 15,
} as const;

/** Codes of parameter problem; the pointer is the top octet of `rest`. */
export const ICMPV4_PARAMETER_PROBLEM = { pointer: 0, missingOption: 1, badLength: 2 } as const;

export class Icmpv4Header extends IcmpHeader {
  /** Of fragmentation-needed; 0 from routers older than RFC 1191. */
  get mtu(): number {
    return this.rest & 0xffff;
  }

  set mtu(value: number) {
    this.rest = value & 0xffff;
  }

  /** Of parameter problem: the octet at fault, counted from the start of the quoted header. */
  get pointer(): number {
    return this.rest >>> 24;
  }

  set pointer(value: number) {
    this.rest = value << 24;
  }
}

/**
 * What belongs into the checksum field of the message while that is zero, and 0 when it is filled and right.
 */
export function icmpv4Checksum(bytes: Uint8Array, start: number, end: number): number {
  return checksum(bytes, start, end);
}

/** RFC 1122 §3.2.2: errors are those about another packet, which they quote. */
export function isIcmpv4Error(type: number): boolean {
  return (
    type === ICMPV4_TYPE.destinationUnreachable ||
    type === ICMPV4_TYPE.sourceQuench ||
    type === ICMPV4_TYPE.redirect ||
    type === ICMPV4_TYPE.timeExceeded ||
    type === ICMPV4_TYPE.parameterProblem
  );
}

const TYPE_NAMES = new Map<number, string>([
  [ICMPV4_TYPE.echoReply, "echo reply"],
  [ICMPV4_TYPE.destinationUnreachable, "destination unreachable"],
  [ICMPV4_TYPE.sourceQuench, "source quench"],
  [ICMPV4_TYPE.redirect, "redirect"],
  [ICMPV4_TYPE.echoRequest, "echo request"],
  [ICMPV4_TYPE.routerAdvertisement, "router advertisement"],
  [ICMPV4_TYPE.routerSolicitation, "router solicitation"],
  [ICMPV4_TYPE.timeExceeded, "time exceeded"],
  [ICMPV4_TYPE.parameterProblem, "parameter problem"],
  [ICMPV4_TYPE.timestampRequest, "timestamp request"],
  [ICMPV4_TYPE.timestampReply, "timestamp reply"],
  [ICMPV4_TYPE.informationRequest, "information request"],
  [ICMPV4_TYPE.informationReply, "information reply"],
  [ICMPV4_TYPE.addressMaskRequest, "address mask request"],
  [ICMPV4_TYPE.addressMaskReply, "address mask reply"],
]);

/** By code. */
const UNREACHABLE_NAMES = [
  "network unreachable",
  "host unreachable",
  "protocol unreachable",
  "port unreachable",
  "fragmentation needed",
  "source route failed",
  "network unknown",
  "host unknown",
  "source host isolated",
  "network prohibited",
  "host prohibited",
  "network unreachable for TOS",
  "host unreachable for TOS",
  "communication prohibited",
  "host precedence violation",
  "precedence cutoff",
];

/** For people: "echo request", "port unreachable". */
export function icmpv4Text(type: number, code: number): string {
  const name = TYPE_NAMES.get(type) ?? `type ${type}`;
  switch (type) {
    case ICMPV4_TYPE.destinationUnreachable:
      return UNREACHABLE_NAMES[code] ?? `${name}, code ${code}`;
    case ICMPV4_TYPE.timeExceeded:
      if (code === ICMP_TIME_EXCEEDED.hopLimit) return "time to live exceeded";
      if (code === ICMP_TIME_EXCEEDED.reassembly) return "reassembly time exceeded";
      break;
  }
  return code === 0 ? name : `${name}, code ${code}`;
}
