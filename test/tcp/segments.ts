/**
 * Segments as tests write and read them: `synAck({ ack: 101 })` is both what a peer sends and what it
 * expects. Numbers are relative, see bench.ts; what a specification does not name has a default when sent and
 * does not matter when expected, but for text and the urgent pointer, which are expected to be absent.
 */
import { hex } from "../../src/base/bytes.ts";
import { type Seq, seq } from "../../src/base/seq.ts";
import type { IpAddress } from "../../src/wire/address.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../../src/wire/tcp.ts";
import { TcpOptions } from "../../src/wire/tcp-options.ts";

export interface SegmentFields {
  readonly seq?: number;
  readonly ack?: number;
  /** The header's field, not scaled. */
  readonly window?: number;
  /** The text itself, or how many bytes of the pattern. */
  readonly text?: string | number;
  readonly urgent?: number;
  /** The IP header's octet: DSCP and ECN's mark. */
  readonly trafficClass?: number;
  readonly psh?: boolean;
  readonly mss?: number;
  /** −1: the option must not be there. */
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  /** TSval and TSecr; "none" leaves the option out where the connection has it. */
  readonly timestamps?: readonly [number, number] | "none";
  readonly sack?: ReadonlyArray<readonly [number, number]>;
  /** The cookie of Fast Open in hexadecimal, "" for a request; "none": the option must not be there. */
  readonly fastOpen?: string;
  /** In the option of RFC 6994. */
  readonly fastOpenExperimental?: boolean;
  /** Bytes in place of all options. */
  readonly options?: readonly number[];
}

export interface SegmentSpec extends SegmentFields {
  /** Of S, A, F, R, and E and W (CWR) of ECN, in this order; PSH and URG have fields. */
  readonly flags: string;
}

const kind =
  (flags: string) =>
  (fields: SegmentFields = {}): SegmentSpec => ({ flags, ...fields });

export const syn = kind("S");
export const synAck = kind("SA");
export const ack = kind("A");
export const fin = kind("AF");
export const rst = kind("R");
export const rstAck = kind("AR");
/** For combinations that no honest peer sends. */
export const segment = (flags: string, fields: SegmentFields = {}): SegmentSpec => ({ flags, ...fields });
export const text = (content: string | number, fields: SegmentFields = {}): SegmentSpec => ({
  flags: "A",
  text: content,
  ...fields,
});

/** The byte at a stream's relative sequence number: what `text: 1000` is made of. */
export function patternAt(position: number): number {
  return (Math.imul(position, 31) + (position >>> 8)) & 0xff;
}

export function pattern(from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = patternAt(from + i);
  return bytes;
}

export function ascii(content: string): Uint8Array {
  return Uint8Array.from(content, letter => letter.charCodeAt(0));
}

export function letters(bytes: Uint8Array): string {
  return Array.from(bytes, byte => String.fromCharCode(byte)).join("");
}

const LETTER_FLAGS: ReadonlyArray<readonly [string, number]> = [
  ["S", TCP_FLAG.syn],
  ["A", TCP_FLAG.ack],
  ["F", TCP_FLAG.fin],
  ["R", TCP_FLAG.rst],
  ["E", TCP_FLAG.ece],
  ["W", TCP_FLAG.cwr],
];

/** Flags as letters, in one order. */
export function sortedFlags(flags: string): string {
  return LETTER_FLAGS.reduce((all, [one]) => (flags.includes(one) ? all + one : all), "");
}

/** What a specification becomes once the peer has filled in its defaults: absolute numbers. */
export interface WireSegment {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: string;
  readonly window: number;
  readonly text: Uint8Array;
  readonly urgent: number | undefined;
  readonly psh: boolean;
  /** The options' bytes, a multiple of four. */
  readonly options: Uint8Array;
}

export function flagBits(flags: string): number {
  return LETTER_FLAGS.reduce((bits, [letter, bit]) => (flags.includes(letter) ? bits | bit : bits), 0);
}

export function optionBytes(fields: SegmentFields, oursBase: number): Uint8Array {
  if (fields.options !== undefined) {
    const bytes = new Uint8Array((fields.options.length + 3) & ~3);
    bytes.set(fields.options);
    return bytes;
  }
  const options = new TcpOptions();
  options.mss = fields.mss ?? -1;
  options.windowScale = fields.windowScale ?? -1;
  options.sackPermitted = fields.sackPermitted ?? false;
  if (fields.timestamps !== undefined && fields.timestamps !== "none") {
    options.hasTimestamps = true;
    [options.timestampValue, options.timestampEcho] = fields.timestamps;
  }
  if (fields.fastOpen !== undefined && fields.fastOpen !== "none") {
    options.fastOpen = unhex(fields.fastOpen);
    options.fastOpenExperimental = fields.fastOpenExperimental ?? false;
  }
  for (const [start, end] of fields.sack ?? []) {
    options.sackEdges[2 * options.sackCount] = start + oursBase;
    options.sackEdges[2 * options.sackCount + 1] = end + oursBase;
    options.sackCount++;
  }
  const bytes = new Uint8Array(options.size);
  options.write(bytes, 0);
  return bytes;
}

export function unhex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
}

export function writeSegment(wire: WireSegment): Uint8Array {
  const header = new TcpHeader();
  header.sourcePort = wire.sourcePort;
  header.destinationPort = wire.destinationPort;
  header.sequence = seq(wire.sequence);
  header.acknowledgment = seq(wire.acknowledgment);
  header.dataOffset = TCP_HEADER_SIZE + wire.options.length;
  header.flags = flagBits(wire.flags) | (wire.psh ? TCP_FLAG.psh : 0);
  header.window = wire.window;
  if (wire.urgent !== undefined) {
    header.flags |= TCP_FLAG.urg;
    header.urgentPointer = wire.urgent;
  }
  const bytes = new Uint8Array(header.dataOffset + wire.text.length);
  header.write(bytes, 0);
  bytes.set(wire.options, TCP_HEADER_SIZE);
  bytes.set(wire.text, header.dataOffset);
  header.checksum = transportChecksum(wire.source, wire.destination, IP_PROTOCOL.tcp, bytes, 0, bytes.length);
  header.write(bytes, 0);
  return bytes;
}

/** A segment that the host sent, in relative numbers. */
export interface SeenSegment {
  readonly flags: string;
  readonly seq: number;
  /** Undefined without ACK. */
  readonly ack: number | undefined;
  readonly window: number;
  readonly bytes: Uint8Array;
  readonly psh: boolean;
  readonly urgent: number | undefined;
  readonly mss: number;
  readonly windowScale: number;
  readonly sackPermitted: boolean;
  readonly timestamps: readonly [number, number] | undefined;
  readonly sack: ReadonlyArray<readonly [number, number]>;
  readonly fastOpen: string | undefined;
  readonly fastOpenExperimental: boolean;
  /** When it left, in µs. */
  readonly at: number;
  readonly trafficClass: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** When segments left, in ms after `start`, rounded: a handshake's 1 µs of round trip does not matter. */
export function times(seen: readonly SeenSegment[], start = 0): number[] {
  return seen.map(one => Math.round((one.at - start) / 1_000));
}

export interface Bases {
  readonly ours: number;
  readonly peers: number;
}

/** Reads what the host sent; answers a complaint for what no host may send. */
export function readSegment(
  bytes: Uint8Array,
  bases: Bases,
  at: number,
  trafficClass: number,
): SeenSegment | string {
  const header = new TcpHeader();
  const problem = header.read(bytes, 0, bytes.length);
  if (problem !== undefined) return problem;
  const options = new TcpOptions();
  options.read(bytes, TCP_HEADER_SIZE, header.dataOffset);
  if (options.malformed) return "malformed options";
  const hasAck = (header.flags & TCP_FLAG.ack) !== 0;
  if (!hasAck && header.acknowledgment !== 0) return "an acknowledgment number without ACK";
  const sack: Array<readonly [number, number]> = [];
  for (let i = 0; i < options.sackCount; i++) {
    sack.push([
      relative(options.sackEdges[2 * i] as Seq, bases.peers),
      relative(options.sackEdges[2 * i + 1] as Seq, bases.peers),
    ]);
  }
  return {
    flags: LETTER_FLAGS.filter(([, bit]) => (header.flags & bit) !== 0).reduce((all, [one]) => all + one, ""),
    seq: relative(header.sequence, bases.ours),
    ack: hasAck ? relative(header.acknowledgment, bases.peers) : undefined,
    window: header.window,
    bytes: bytes.slice(header.dataOffset),
    psh: (header.flags & TCP_FLAG.psh) !== 0,
    urgent: (header.flags & TCP_FLAG.urg) !== 0 ? header.urgentPointer : undefined,
    mss: options.mss,
    windowScale: options.windowScale,
    sackPermitted: options.sackPermitted,
    timestamps: options.hasTimestamps ? [options.timestampValue, options.timestampEcho] : undefined,
    sack,
    fastOpen: options.fastOpen === undefined ? undefined : hex(options.fastOpen),
    fastOpenExperimental: options.fastOpenExperimental,
    at,
    trafficClass,
    sourcePort: header.sourcePort,
    destinationPort: header.destinationPort,
  };
}

/** A signed distance: numbers a little before the base are negative. */
function relative(number: Seq, base: number): number {
  return (number - base) | 0;
}
