/** IGMP in a line: RFC 2236, RFC 3376. */
import { readUint16, readUint32 } from "../../base/bytes.ts";
import { IpAddress } from "../../wire/address.ts";
import type { Line } from "./line.ts";

/** In tenths of a second: ten seconds go without saying. */
const DEFAULT_RESPONSE_TIME = 100;

/** The message of `length` bytes at `at`. */
export function addIgmp(line: Line, at: number, length: number): Line {
  if (!line.has(at, 8)) return line.truncated("igmp");
  const group = IpAddress.read(4, line.bytes, at + 4);
  switch (line.bytes[at]) {
    case 0x11:
      line.add("igmp query");
      return length >= 12 ? addQuery3(line, at, length) : addQuery(line, at, length);
    case 0x12:
      return line.add(`igmp v1 report ${group}${length === 8 ? "" : ` [len ${length}]`}`);
    case 0x16:
      return line.add(`igmp v2 report ${group}`);
    case 0x17:
      return line.add(`igmp leave ${group}`);
    case 0x22:
      line.add("igmp v3 report");
      if (length < 16 || length % 4 !== 0) return line.add(` [invalid len ${length}]`);
      return line.add(`, ${readUint16(line.bytes, at + 6)} group record(s)`);
    default:
      return line.add(`igmp-${line.bytes[at]}`);
  }
}

function addQuery(line: Line, at: number, length: number): Line {
  const time = line.bytes[at + 1] as number;
  line.add(time === 0 ? " v1" : " v2");
  if (time !== 0 && time !== DEFAULT_RESPONSE_TIME) line.add(` [max resp time ${time}]`);
  if (readUint32(line.bytes, at + 4) !== 0) line.add(` [gaddr ${IpAddress.read(4, line.bytes, at + 4)}]`);
  return length === 8 ? line : line.add(` [len ${length}]`);
}

function addQuery3(line: Line, at: number, length: number): Line {
  line.add(" v3");
  if (length % 4 !== 0) return line.add(` [invalid len ${length}]`);
  const code = line.bytes[at + 1] as number;
  // RFC 3376 §4.1.1: a floating point form from 128 on.
  const time = code < 128 ? code : ((code & 0x0f) | 0x10) << (((code & 0x70) >>> 4) + 3);
  if (code !== DEFAULT_RESPONSE_TIME) line.add(` [max resp time ${(time / 10).toFixed(1)}s]`);
  if (readUint32(line.bytes, at + 4) === 0) return line;
  if (!line.has(at, 12)) return line.truncated("igmp");
  line.add(` [gaddr ${IpAddress.read(4, line.bytes, at + 4)}`);
  const sources = readUint16(line.bytes, at + 10);
  if (sources > 0) {
    line.add(length < 12 + 4 * sources ? " [invalid number of sources]" : `, ${sources} source(s)`);
  }
  return line.add("]");
}
