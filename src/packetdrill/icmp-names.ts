/** The names by which scripts call ICMP types and codes. RFC 792, RFC 1122, RFC 1812; RFC 4443. */
import { ICMP_TIME_EXCEEDED } from "../wire/icmp-header.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../wire/icmpv4.ts";
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_TYPE, ICMPV6_UNREACHABLE } from "../wire/icmpv6.ts";

type Names = Readonly<Record<string, number>>;

const V4_TYPES: Names = {
  echo_reply: ICMPV4_TYPE.echoReply,
  unreachable: ICMPV4_TYPE.destinationUnreachable,
  source_quench: ICMPV4_TYPE.sourceQuench,
  redirect: ICMPV4_TYPE.redirect,
  echo_request: ICMPV4_TYPE.echoRequest,
  time_exceeded: ICMPV4_TYPE.timeExceeded,
  parameter_problem: ICMPV4_TYPE.parameterProblem,
  timestamp_request: ICMPV4_TYPE.timestampRequest,
  timestamp_reply: ICMPV4_TYPE.timestampReply,
  information_request: ICMPV4_TYPE.informationRequest,
  information_reply: ICMPV4_TYPE.informationReply,
  address_mask_request: ICMPV4_TYPE.addressMaskRequest,
  address_mask_reply: ICMPV4_TYPE.addressMaskReply,
};

const V4_CODES: Readonly<Record<string, Names>> = {
  unreachable: {
    net_unreachable: ICMPV4_UNREACHABLE.network,
    host_unreachable: ICMPV4_UNREACHABLE.host,
    protocol_unreachable: ICMPV4_UNREACHABLE.protocol,
    port_unreachable: ICMPV4_UNREACHABLE.port,
    frag_needed: ICMPV4_UNREACHABLE.fragmentationNeeded,
    source_route_failed: ICMPV4_UNREACHABLE.sourceRouteFailed,
    net_unknown: ICMPV4_UNREACHABLE.networkUnknown,
    host_unknown: ICMPV4_UNREACHABLE.hostUnknown,
    source_host_isolated: ICMPV4_UNREACHABLE.hostIsolated,
    net_prohibited: ICMPV4_UNREACHABLE.networkProhibited,
    host_prohibited: ICMPV4_UNREACHABLE.hostProhibited,
    net_unreachable_for_tos: ICMPV4_UNREACHABLE.networkUnreachableForTos,
    host_unreachable_for_tos: ICMPV4_UNREACHABLE.hostUnreachableForTos,
    packet_filtered: ICMPV4_UNREACHABLE.prohibited,
    precedence_violation: ICMPV4_UNREACHABLE.precedenceViolation,
    precedence_cutoff: ICMPV4_UNREACHABLE.precedenceCutoff,
  },
};

const V6_TYPES: Names = {
  unreachable: ICMPV6_TYPE.destinationUnreachable,
  packet_too_big: ICMPV6_TYPE.packetTooBig,
  time_exceeded: ICMPV6_TYPE.timeExceeded,
  parameter_problem: ICMPV6_TYPE.parameterProblem,
  echo_request: ICMPV6_TYPE.echoRequest,
  echo_reply: ICMPV6_TYPE.echoReply,
};

const V6_CODES: Readonly<Record<string, Names>> = {
  unreachable: {
    no_route: ICMPV6_UNREACHABLE.noRoute,
    admin_prohibited: ICMPV6_UNREACHABLE.prohibited,
    not_neighbour: ICMPV6_UNREACHABLE.beyondScope,
    address_unreachable: ICMPV6_UNREACHABLE.address,
    port_unreachable: ICMPV6_UNREACHABLE.port,
  },
  time_exceeded: {
    exceeded_hop_limit: ICMP_TIME_EXCEEDED.hopLimit,
    exceeded_frag_time: ICMP_TIME_EXCEEDED.reassembly,
  },
  parameter_problem: {
    header_field: ICMPV6_PARAMETER_PROBLEM.erroneousField,
    unknown_next_header: ICMPV6_PARAMETER_PROBLEM.unknownNextHeader,
    unknown_option: ICMPV6_PARAMETER_PROBLEM.unknownOption,
  },
};

/** `type_3` and `code_1` are numbers too. */
function numbered(prefix: string, name: string): number | undefined {
  const digits = new RegExp(`^${prefix}_(\\d{1,3})$`).exec(name)?.[1];
  const value = Number(digits ?? -1);
  return value >= 0 && value <= 255 ? value : undefined;
}

export function icmpType(family: 4 | 6, name: string): number | undefined {
  return (family === 4 ? V4_TYPES : V6_TYPES)[name] ?? numbered("type", name);
}

export function icmpCode(family: 4 | 6, type: string, name: string): number | undefined {
  return (family === 4 ? V4_CODES : V6_CODES)[type]?.[name] ?? numbered("code", name);
}

/** The script's words for a type and code, for messages. */
export function icmpNames(family: 4 | 6, type: number, code: number): string {
  const typeName = nameOf(family === 4 ? V4_TYPES : V6_TYPES, type) ?? `type_${type}`;
  const codes = (family === 4 ? V4_CODES : V6_CODES)[typeName];
  const codeName = codes === undefined ? undefined : nameOf(codes, code);
  return code === 0 && codeName === undefined ? typeName : `${typeName} ${codeName ?? `code_${code}`}`;
}

function nameOf(names: Names, wanted: number): string | undefined {
  return Object.keys(names).find(name => names[name] === wanted);
}
