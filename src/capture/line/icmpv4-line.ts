/** ICMP in a line: RFC 792, RFC 1122 §3.2.2, RFC 1191, RFC 1256, RFC 1812 §5.2.7. */

import { readUint16, readUint32 } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { IpAddress } from "../../wire/address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { rightChecksum } from "../right-checksum.ts";
import type { Line } from "./line.ts";

const PLAIN: Readonly<Record<number, string>> = {
  4: "source quench",
  10: "router solicitation",
  15: "information request",
  16: "information reply",
  17: "address mask request",
  42: "extended echo request",
  43: "extended echo reply",
};

/** What stands before and after the quoted destination, by code. 2, 3 and 4 have more to say. */
const UNREACHABLE: Readonly<Record<number, readonly [before: string, after: string]>> = {
  0: ["net ", ""],
  1: ["host ", ""],
  5: ["", " - source route failed"],
  6: ["net ", " - unknown"],
  7: ["host ", " - unknown"],
  8: ["", " - source host isolated"],
  9: ["net ", " - admin prohibited"],
  10: ["host ", " - admin prohibited"],
  11: ["net ", " - tos prohibited"],
  12: ["host ", " - tos prohibited"],
  13: ["host ", " - admin prohibited filter"],
  14: ["host ", " - host precedence violation"],
  15: ["host ", " - precedence cutoff"],
};

const REDIRECT: readonly (readonly [verb: string, what: string])[] = [
  ["redirect", "net "],
  ["redirect", "host "],
  ["redirect-tos", "net "],
  ["redirect-tos", "host "],
];

/** Offset of the quoted packet. */
const QUOTE = 8;

/** The message of `length` bytes at `at`. */
export function addIcmpv4(line: Line, at: number, length: number, fragmented: boolean): Line {
  const text = line.has(at, 2) ? messageText(line, at) : undefined;
  if (text === undefined) return line.truncated("icmp");
  line.add(`ICMP ${text}, length ${length}`);
  if (!line.options.verifyChecksums || fragmented || length < 4 || !line.has(at, length)) return line;
  const left = checksum(line.bytes, at, at + length);
  const found = readUint16(line.bytes, at + 2);
  if (left !== 0) line.badChecksum("icmp", found, rightChecksum(found, left));
  return line;
}

/** Undefined: the message ends too early. */
function messageText(line: Line, at: number): string | undefined {
  const type = line.bytes[at] as number;
  const code = line.bytes[at + 1] as number;
  switch (type) {
    case 0:
    case 8:
      if (!line.has(at, 8)) return undefined;
      return `echo ${type === 8 ? "request" : "reply"}, id ${word(line, at + 4)}, seq ${word(line, at + 6)}`;
    case 3:
      return unreachableText(line, at, code);
    case 5:
      return redirectText(line, at, code);
    case 9:
      return advertisementText(line, at);
    case 11:
      if (!line.has(at, QUOTE + 20)) return undefined;
      if (code > 1) return `time exceeded-#${code}`;
      return code === 0 ? "time exceeded in-transit" : "ip reassembly time exceeded";
    case 12:
      if (code !== 0) return `parameter problem - code ${code}`;
      return line.has(at, 5) ? `parameter problem - octet ${line.bytes[at + 4]}` : undefined;
    case 13:
      if (!line.has(at, 8)) return undefined;
      return `time stamp query id ${word(line, at + 4)} seq ${word(line, at + 6)}`;
    case 14:
      return timestampReplyText(line, at);
    case 18:
      if (!line.has(at, 12)) return undefined;
      return `address mask is 0x${readUint32(line.bytes, at + 8)
        .toString(16)
        .padStart(8, "0")}`;
    default:
      return PLAIN[type] ?? `type-#${type}`;
  }
}

function word(line: Line, at: number): number {
  return readUint16(line.bytes, at);
}

function quotedDestination(line: Line, at: number): IpAddress | undefined {
  return line.has(at, QUOTE + 20) ? IpAddress.read(4, line.bytes, at + QUOTE + 16) : undefined;
}

function unreachableText(line: Line, at: number, code: number): string | undefined {
  const destination = quotedDestination(line, at);
  if (destination === undefined) return undefined;
  const protocol = line.bytes[at + QUOTE + 9] as number;
  if (code === 2) return `${destination} protocol ${protocol} unreachable`;
  if (code === 3) return portUnreachableText(line, at, destination, protocol);
  if (code === 4) {
    const mtu = word(line, at + 6);
    return `${destination} unreachable - need to frag${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
  }
  const form = UNREACHABLE[code];
  if (form === undefined) return `${destination} unreachable - #${code}`;
  return `${form[0]}${destination} unreachable${form[1]}`;
}

function portUnreachableText(
  line: Line,
  at: number,
  destination: IpAddress,
  protocol: number,
): string | undefined {
  const ports = at + QUOTE + ((line.bytes[at + QUOTE] as number) & 0x0f) * 4;
  if (!line.has(ports, 4)) return undefined;
  const port = word(line, ports + 2);
  if (protocol === IP_PROTOCOL.tcp) return `${destination} tcp port ${port} unreachable`;
  if (protocol === IP_PROTOCOL.udp) return `${destination} udp port ${port} unreachable`;
  return `${destination} protocol ${protocol} port ${port} unreachable`;
}

function redirectText(line: Line, at: number, code: number): string | undefined {
  const destination = quotedDestination(line, at);
  if (destination === undefined) return undefined;
  const gateway = IpAddress.read(4, line.bytes, at + 4);
  const form = REDIRECT[code];
  if (form === undefined) return `redirect-#${code} ${destination} to ${gateway}`;
  return `${form[0]} ${destination} to ${form[1]}${gateway}`;
}

/** RFC 1256 §3. */
function advertisementText(line: Line, at: number): string | undefined {
  if (!line.has(at, 8)) return undefined;
  const count = line.bytes[at + 4] as number;
  const size = line.bytes[at + 5] as number;
  let text = `router advertisement lifetime ${lifetimeText(word(line, at + 6))} ${count}:`;
  if (size !== 2) return `${text} [size ${size}]`;
  for (let i = 0; i < count; i++) {
    const entry = at + 8 + 8 * i;
    if (!line.has(entry, 8)) return undefined;
    text += ` {${IpAddress.read(4, line.bytes, entry)} ${readUint32(line.bytes, entry + 4)}}`;
  }
  return text;
}

function lifetimeText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 60) return String(seconds);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

function timestampReplyText(line: Line, at: number): string | undefined {
  if (!line.has(at, 20)) return undefined;
  const clock = (offset: number): string => midnightText(readUint32(line.bytes, at + offset));
  return (
    `time stamp reply id ${word(line, at + 4)} seq ${word(line, at + 6)}: ` +
    `org ${clock(8)}, recv ${clock(12)}, xmit ${clock(16)}`
  );
}

/** RFC 792: milliseconds since midnight UT. */
export function midnightText(milliseconds: number): string {
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, "0");
  const seconds = Math.floor(milliseconds / 1000);
  return (
    `${part(seconds / 3600, 2)}:${part((seconds % 3600) / 60, 2)}:${part(seconds % 60, 2)}.` +
    part(milliseconds % 1000, 3)
  );
}
