/** TCP in a line: RFC 9293 §3.1. */
import { readUint16, readUint32 } from "../../base/bytes.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { addPorts, type IpContext, verifyTransport } from "./ip-context.ts";
import type { Line } from "./line.ts";
import { addTcpOptions } from "./tcp-option-line.ts";

const HEADER_LENGTH = 20;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const URG = 0x20;
/** In the order of the bits, lowest first. */
const FLAG_LETTERS = "FSRP.UEW";

/** The segment of `length` bytes at `at`. */
export function addTcp(line: Line, ip: IpContext, at: number, length: number): Line {
  const { bytes } = line;
  if (!line.has(at, 4)) {
    line.add(`${ip.source} > ${ip.destination}:`);
    return line.truncated("tcp");
  }
  const sourcePort = readUint16(bytes, at);
  const destinationPort = readUint16(bytes, at + 2);
  addPorts(line, ip, sourcePort, destinationPort);
  if (!line.has(at, HEADER_LENGTH)) return line.truncated("tcp");
  const headerLength = ((bytes[at + 12] as number) >>> 4) * 4;
  if (headerLength < HEADER_LENGTH) {
    return line.add(
      ` tcp ${length - headerLength} [bad hdr length ${headerLength} - too short, < ${HEADER_LENGTH}]`,
    );
  }
  const flags = bytes[at + 13] as number;
  line.add(`Flags [${flagText(flags)}]`);
  const ends = { source: ip.source, sourcePort, destination: ip.destination, destinationPort };
  const sequence = readUint32(bytes, at + 4);
  const acknowledgment = readUint32(bytes, at + 8);
  const flows = (flags & ACK) !== 0 ? line.options.flows : undefined;
  const numbers = flows?.relative(ends, (flags & SYN) !== 0, sequence, acknowledgment) ?? {
    sequence,
    acknowledgment,
    sackBase: 0,
  };
  if (headerLength > length) {
    return line.add(` [bad hdr length ${headerLength} - too long, > ${length}]`);
  }
  verifyTransport(line, ip, "tcp", IP_PROTOCOL.tcp, at, length, at + 16);
  const payload = length - headerLength;
  if (payload > 0 || (flags & (SYN | FIN | RST)) !== 0) {
    line.add(`, seq ${numbers.sequence}`);
    if (payload > 0) line.add(`:${(numbers.sequence + payload) >>> 0}`);
  }
  if ((flags & ACK) !== 0) line.add(`, ack ${numbers.acknowledgment}`);
  line.add(`, win ${readUint16(bytes, at + 14)}`);
  if ((flags & URG) !== 0) line.add(`, urg ${readUint16(bytes, at + 18)}`);
  if (headerLength > HEADER_LENGTH) {
    if (!addTcpOptions(line, at + HEADER_LENGTH, at + headerLength, numbers.sackBase)) return line;
  }
  line.add(`, length ${payload}`);
  if (payload === 0 || line.has(at, headerLength)) return line;
  line.add(` [remaining caplen(${line.end - at}) < header length(${headerLength})]`);
  return line.truncated("tcp");
}

export function flagText(flags: number): string {
  let text = "";
  for (let bit = 0; bit < FLAG_LETTERS.length; bit++) {
    if ((flags & (1 << bit)) !== 0) text += FLAG_LETTERS[bit];
  }
  return text === "" ? "none" : text;
}
