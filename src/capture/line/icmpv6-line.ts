/** ICMPv6 in a line: RFC 4443, neighbor discovery (RFC 4861), multicast listeners (RFC 2710, RFC 3810). */
import { readUint16, readUint32 } from "../../base/bytes.ts";
import { IpAddress } from "../../wire/address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type IpContext, verifyTransport } from "./ip-context.ts";
import type { Line } from "./line.ts";

const TYPES: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded in-transit",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbor solicitation",
  136: "neighbor advertisement",
  137: "redirect",
  143: "multicast listener report v2",
};

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: "unreachable route",
  1: " unreachable prohibited",
  2: "beyond scope",
  3: "unreachable address",
  4: "unreachable port",
};

const PARAMETER: Readonly<Record<number, string>> = {
  0: "erroneous",
  1: "next header",
  2: "option",
  3: "incomplete header chain",
};

/** Offset of the quoted packet. */
const QUOTE = 8;
const IPV6_LENGTH = 40;

/** The message of `length` bytes at `at`. */
export function addIcmpv6(line: Line, ip: IpContext, at: number, length: number): Line {
  if (length === 0) return line.add("ICMP6, length 0 (invalid)");
  if (!line.has(at, 1)) return line.truncated("icmp6");
  const type = line.bytes[at] as number;
  line.add(`ICMP6, ${TYPES[type] ?? `unknown icmp6 type (${type})`}`);
  if (!line.has(at, 2) || !addBody(line, at, length, type)) return line.truncated("icmp6");
  line.add(`, length ${length}`);
  if (length >= 4) verifyTransport(line, ip, "icmp6", IP_PROTOCOL.icmpv6, at, length, at + 2);
  return line;
}

/** False: the message ends too early. */
function addBody(line: Line, at: number, length: number, type: number): boolean {
  const code = line.bytes[at + 1] as number;
  switch (type) {
    case 1:
      line.add(`, ${UNREACHABLE[code] ?? `unknown unreach code (${code})`}`);
      return addUnreachable(line, at, code);
    case 2:
      return line.has(at, 8) && added(line, `, mtu ${readUint32(line.bytes, at + 4)}`);
    case 3:
      if (code === 1) return added(line, " (reassembly)");
      if (code > 1) return added(line, `, unknown code (${code})`);
      return line.has(at, QUOTE + IPV6_LENGTH) && added(line, ` for ${address(line, at + QUOTE + 24)}`);
    case 4:
      if (!line.has(at, QUOTE + IPV6_LENGTH)) return false;
      if (PARAMETER[code] === undefined) return added(line, `, code-#${code}`);
      return added(line, `, ${PARAMETER[code]} - octet ${readUint32(line.bytes, at + 4)}`);
    case 128:
    case 129:
      if (!line.has(at, 8)) return false;
      return added(line, `, id ${readUint16(line.bytes, at + 4)}, seq ${readUint16(line.bytes, at + 6)}`);
    case 130:
    case 131:
    case 132:
      return addListener(line, at, length, type);
    case 135:
      return line.has(at, 24) && added(line, `, who has ${address(line, at + 8)}`);
    case 136:
      return line.has(at, 24) && added(line, `, tgt is ${address(line, at + 8)}`);
    case 137:
      return line.has(at, 40) && added(line, `, ${address(line, at + 24)} to ${address(line, at + 8)}`);
    case 143:
      if (length < 8) return added(line, ` [invalid len ${length}]`);
      return line.has(at, 8) && added(line, `, ${readUint16(line.bytes, at + 6)} group record(s)`);
    default:
      return true;
  }
}

function added(line: Line, text: string): true {
  line.add(text);
  return true;
}

function address(line: Line, at: number): IpAddress {
  return IpAddress.read(6, line.bytes, at);
}

function addUnreachable(line: Line, at: number, code: number): boolean {
  if (code > 4) return true;
  if (!line.has(at, QUOTE + IPV6_LENGTH)) return false;
  const destination = address(line, at + QUOTE + 24);
  if (code === 2) {
    return added(line, ` ${destination}, source address ${address(line, at + QUOTE + 8)}`);
  }
  if (code !== 4) return added(line, ` ${destination}`);
  const ports = quotedPorts(line, at + QUOTE);
  if (ports === undefined) return false;
  const name = ports.protocol === IP_PROTOCOL.tcp ? "tcp" : "udp";
  return added(line, `, ${destination} ${name} port ${readUint16(line.bytes, ports.at + 2)}`);
}

/** Where the ports of a quoted packet are: behind its extension headers, unless it is a later fragment. */
function quotedPorts(line: Line, start: number): { protocol: number; at: number } | undefined {
  const { bytes } = line;
  let next = bytes[start + 6] as number;
  let at = start + IPV6_LENGTH;
  for (;;) {
    if (!line.has(at, 4)) return undefined;
    switch (next) {
      case IP_PROTOCOL.tcp:
      case IP_PROTOCOL.udp:
        return { protocol: next, at };
      case IP_PROTOCOL.hopByHop:
      case IP_PROTOCOL.destinationOptions:
      case IP_PROTOCOL.routing:
        next = bytes[at] as number;
        at += ((bytes[at + 1] as number) + 1) * 8;
        break;
      case IP_PROTOCOL.fragment:
        if ((readUint16(bytes, at + 2) & 0xfff8) !== 0) return undefined;
        next = bytes[at] as number;
        at += 8;
        break;
      default:
        return undefined;
    }
  }
}

/** RFC 2710 §3 and, for the longer query, RFC 3810 §5.1. */
function addListener(line: Line, at: number, length: number, type: number): boolean {
  if (type !== 130 || length === 24) {
    if (!line.has(at, 24)) return true;
    return added(line, `max resp delay: ${readUint16(line.bytes, at + 4)} addr: ${address(line, at + 8)}`);
  }
  if (length < 28) return added(line, ` unknown-version (len ${length}) `);
  line.add(" v2");
  if (!line.has(at, 24)) return false;
  line.add(` [gaddr ${address(line, at + 8)}`);
  if (!line.has(at, 28)) return false;
  const sources = readUint16(line.bytes, at + 26);
  if (sources > 0) {
    line.add(length < 28 + 16 * sources ? " [invalid number of sources]" : `, ${sources} source(s)`);
  }
  return added(line, "]");
}
