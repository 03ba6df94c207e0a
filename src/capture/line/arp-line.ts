/** ARP and RARP in a line: RFC 826, RFC 903, RFC 2390. */
import { hex, readUint16 } from "../../base/bytes.ts";
import { IpAddress } from "../../wire/address.ts";
import { ETHER_TYPE } from "../../wire/protocol.ts";
import type { Line } from "./line.ts";

const FIXED_LENGTH = 8;

const HARDWARE: Readonly<Record<number, string>> = {
  1: "Ethernet",
  6: "TokenRing",
  7: "ArcNet",
  15: "FrameRelay",
  23: "Strip",
  24: "IEEE 1394",
  32: "InfiniBand",
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  [ETHER_TYPE.ipv4]: "IPv4",
  [ETHER_TYPE.ipv6]: "IPv6",
  [ETHER_TYPE.arp]: "ARP",
};

/** Offsets of the four addresses. */
interface Fields {
  readonly hardwareLength: number;
  readonly senderHardware: number;
  readonly senderProtocol: number;
  readonly targetHardware: number;
  readonly targetProtocol: number;
}

/** `length`: of the frame's payload, padding included. */
export function addArp(line: Line, at: number, length: number): Line {
  const { bytes } = line;
  if (!line.has(at, FIXED_LENGTH)) return line.truncated("arp");
  const hardware = readUint16(bytes, at);
  const protocol = readUint16(bytes, at + 2);
  const hardwareLength = bytes[at + 4] as number;
  const protocolLength = bytes[at + 5] as number;
  if (!line.has(at, FIXED_LENGTH + 2 * (hardwareLength + protocolLength))) return line.truncated("arp");
  line.add("ARP, ");
  if (protocol !== ETHER_TYPE.ipv4 || protocolLength !== 4 || hardwareLength === 0) {
    const hardwareName = HARDWARE[hardware] ?? `Unknown Hardware (${hardware})`;
    const protocolName = PROTOCOLS[protocol] ?? `Unknown Protocol (0x${hex16(protocol)})`;
    line.add(`${hardwareName} (len ${hardwareLength}), ${protocolName} (len ${protocolLength})`);
  } else {
    const senderHardware = at + FIXED_LENGTH;
    const fields: Fields = {
      hardwareLength,
      senderHardware,
      senderProtocol: senderHardware + hardwareLength,
      targetHardware: senderHardware + hardwareLength + 4,
      targetProtocol: senderHardware + 2 * hardwareLength + 4,
    };
    line.add(operationText(bytes, readUint16(bytes, at + 6), fields));
  }
  return line.add(`, length ${length}`);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function operationText(bytes: Uint8Array, operation: number, fields: Fields): string {
  const sender = IpAddress.read(4, bytes, fields.senderProtocol);
  const target = IpAddress.read(4, bytes, fields.targetProtocol);
  const senderHardware = hardwareText(bytes, fields.senderHardware, fields.hardwareLength);
  const targetHardware = hardwareText(bytes, fields.targetHardware, fields.hardwareLength);
  const asked = isZero(bytes, fields.targetHardware, fields.hardwareLength) ? "" : ` (${targetHardware})`;
  switch (operation) {
    case 1:
      return `Request who-has ${target}${asked} tell ${sender}`;
    case 2:
      return `Reply ${sender} is-at ${senderHardware}`;
    case 3:
      return `Reverse Request who-is ${targetHardware} tell ${senderHardware}`;
    case 4:
      return `Reverse Reply ${targetHardware} at ${target}`;
    case 8:
      return `Inverse Request who-is ${targetHardware} tell ${senderHardware}`;
    case 9:
      return `Inverse Reply ${senderHardware} at ${sender}`;
    default:
      return `Unknown (${operation})`;
  }
}

function hardwareText(bytes: Uint8Array, at: number, length: number): string {
  return hex(bytes.subarray(at, at + length), ":");
}

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== 0) return false;
  return true;
}
