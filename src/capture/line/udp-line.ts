/** UDP in a line: RFC 768. */
import { readUint16 } from "../../base/bytes.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { addPorts, type IpContext, verifyTransport } from "./ip-context.ts";
import type { Line } from "./line.ts";

const HEADER_LENGTH = 8;

/** The datagram of `length` bytes at `at`. */
export function addUdp(line: Line, ip: IpContext, at: number, length: number): Line {
  const { bytes } = line;
  if (!line.has(at, 4)) {
    if (!ip.named) line.add(`${ip.source} > ${ip.destination}: `);
    return line.truncated("udp");
  }
  addPorts(line, ip, readUint16(bytes, at), readUint16(bytes, at + 2));
  if (length < HEADER_LENGTH) return line.add(`truncated-udp ${length}`);
  if (!line.has(at, 6)) return line.truncated("udp");
  const said = readUint16(bytes, at + 4);
  if (said < HEADER_LENGTH) return line.add(`truncated-udplength ${said}`);
  if (!line.has(at, HEADER_LENGTH)) return line.truncated("udp");
  const payload = said - HEADER_LENGTH;
  if (said > length && !ip.fragmented) {
    return line.add(`UDP, bad length ${payload} > ${length - HEADER_LENGTH}`);
  }
  // RFC 768: an all zero checksum means that there is none (IPv4).
  if (readUint16(bytes, at + 6) !== 0) verifyTransport(line, ip, "udp", IP_PROTOCOL.udp, at, said, at + 6);
  return line.add(`UDP, length ${payload}`);
}
