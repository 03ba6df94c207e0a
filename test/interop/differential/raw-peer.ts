/**
 * The peer of one connection: it builds the segments of a plan from what it has sent and seen, and keeps a
 * record of what came back. It has no will of its own: no retransmission, no timer.
 */
import { PacketBuffer } from "../../../src/base/packet-buffer.ts";
import { type Seq, seq, seqAdd, seqAfter, seqDiff } from "../../../src/base/seq.ts";
import { type IpAddress, ip } from "../../../src/wire/address.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../../../src/wire/ipv4.ts";
import { IP_PROTOCOL } from "../../../src/wire/protocol.ts";
import { transportChecksum } from "../../../src/wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../../../src/wire/tcp.ts";
import { TcpOptions } from "../../../src/wire/tcp-options.ts";
import type { PeerOffer, SegmentPlan } from "./plan.ts";

export const PEER_ADDRESS: IpAddress = ip("10.88.0.1");
export const STACK_ADDRESS: IpAddress = ip("10.88.0.2");

const LETTERS: ReadonlyArray<readonly [string, number]> = [
  ["S", TCP_FLAG.syn],
  ["F", TCP_FLAG.fin],
  ["R", TCP_FLAG.rst],
  ["P", TCP_FLAG.psh],
  ["U", TCP_FLAG.urg],
  [".", TCP_FLAG.ack],
];

/** A segment of the stack's, with relative numbers. */
export interface Seen {
  readonly flags: string;
  readonly seq: number;
  readonly length: number;
  /** Relative to the peer's SYN; undefined without ACK. */
  readonly ack: number | undefined;
  readonly options: string;
  readonly isRepeated: boolean;
}

export class RawPeer {
  readonly port: number;
  readonly #stackPort: number;
  readonly #offer: PeerOffer;
  readonly #iss: Seq;
  #next: Seq;
  /** The stack's SYN, and the end of what it has sent. */
  #irs: Seq | undefined;
  #received: Seq = seq(0);
  #acknowledged: Seq;
  #acknowledgedByUs: Seq = seq(0);
  #timestamps = false;
  #clock = 1_000;
  #echo = 0;
  /** What has come since the last look. */
  seen: Seen[] = [];

  constructor(port: number, stackPort: number, iss: number, offer: PeerOffer) {
    this.port = port;
    this.#stackPort = stackPort;
    this.#offer = offer;
    this.#iss = seq(iss);
    this.#next = this.#iss;
    this.#acknowledged = this.#iss;
  }

  /** The stack has sent something that it has no answer to yet. */
  get owesAck(): boolean {
    return this.#irs !== undefined && this.#next !== this.#iss && this.#received !== this.#acknowledgedByUs;
  }

  /** SYN, or SYN-ACK once the stack's SYN is here. */
  syn(withAck: boolean): Uint8Array {
    const offer = this.#offer;
    const options = new TcpOptions();
    options.mss = offer.mss;
    options.windowScale = offer.windowScale;
    options.sackPermitted = offer.sack;
    this.#next = seqAdd(this.#iss, 1);
    if (offer.timestamps) this.#stamp(options, this.#clock);
    return this.#build(
      withAck ? "S." : "S",
      this.#iss,
      withAck ? this.#received : seq(0),
      0,
      30_000,
      options,
    );
  }

  /** Refuses the stack's SYN. */
  refusal(): Uint8Array {
    return this.#build("R.", seq(0), this.#received, 0, 0, new TcpOptions());
  }

  ack(): Uint8Array {
    return this.segment({
      who: "peer",
      flags: ".",
      from: "next",
      offset: 0,
      length: 0,
      ack: 0,
      window: 30_000,
      timestamp: "good",
    });
  }

  segment(plan: SegmentPlan): Uint8Array {
    const options = new TcpOptions();
    this.#clock++;
    if (this.#timestamps && plan.timestamp !== "none" && !plan.flags.includes("R")) {
      this.#stamp(options, plan.timestamp === "good" ? this.#clock : 1);
    }
    const origin = { next: this.#next, unacknowledged: this.#acknowledged, syn: this.#iss }[plan.from];
    const start = seqAdd(origin, plan.offset);
    const ack = seqAdd(this.#received, plan.ack);
    const end = seqAdd(start, plan.length + (plan.flags.includes("F") ? 1 : 0));
    // What begins in order or fills a hole is the peer's stream from now on.
    const joins = plan.timestamp !== "old" && plan.flags.includes(".") && Math.abs(plan.offset) < 100_000;
    if (joins && seqAfter(end, this.#next) && !/[RS]/.test(plan.flags)) this.#next = end;
    if (plan.flags.includes(".") && plan.ack === 0) this.#acknowledgedByUs = this.#received;
    return this.#build(plan.flags, start, ack, plan.length, plan.window, options);
  }

  /** A packet of the stack's for this connection. */
  arrived(header: TcpHeader, options: TcpOptions, length: number): void {
    const isSyn = (header.flags & TCP_FLAG.syn) !== 0;
    const isFin = (header.flags & TCP_FLAG.fin) !== 0;
    const isReset = (header.flags & TCP_FLAG.rst) !== 0;
    // A SYN with another number begins a new connection, which the listener has made of a SYN of ours.
    if (isSyn && header.sequence !== this.#irs) {
      this.#irs = header.sequence;
      this.#received = header.sequence;
      this.#timestamps = options.hasTimestamps && this.#offer.timestamps;
    }
    if (options.hasTimestamps) this.#echo = options.timestampValue;
    const end = seqAdd(header.sequence, length + (isSyn ? 1 : 0) + (isFin ? 1 : 0));
    const isNew = seqAfter(end, this.#received);
    const ack = (header.flags & TCP_FLAG.ack) === 0 ? undefined : header.acknowledgment;
    this.seen.push({
      flags: LETTERS.map(([letter, bit]) => ((header.flags & bit) === 0 ? "" : letter)).join(""),
      // A RST that answers for nobody begins at 0 itself (RFC 9293 §3.10.7.1).
      seq: isReset && header.sequence === 0 ? 0 : seqDiff(header.sequence, this.#irs ?? seq(0)),
      length,
      ack: ack === undefined ? undefined : seqDiff(ack, this.#iss),
      options: this.#shown(options),
      isRepeated: (length > 0 || isSyn || isFin) && !isNew,
    });
    if (isNew && !isReset) this.#received = end;
    if (ack !== undefined && !isReset && seqAfter(ack, this.#acknowledged)) this.#acknowledged = ack;
  }

  #shown(options: TcpOptions): string {
    const parts: string[] = [];
    if (options.mss >= 0) parts.push(`mss ${options.mss}`);
    if (options.sackPermitted) parts.push("sackOK");
    if (options.hasTimestamps) parts.push("TS");
    if (options.windowScale >= 0) parts.push(`wscale ${options.windowScale}`);
    for (let i = 0; i < options.sackCount; i++) {
      const edge = (at: number) => seqDiff(options.sackEdges[at] as Seq, this.#iss);
      parts.push(`sack ${edge(2 * i)}:${edge(2 * i + 1)}`);
    }
    return parts.join(",");
  }

  #stamp(options: TcpOptions, value: number): void {
    options.hasTimestamps = true;
    options.timestampValue = value;
    options.timestampEcho = this.#echo;
  }

  #build(
    flags: string,
    start: Seq,
    ack: Seq,
    length: number,
    window: number,
    options: TcpOptions,
  ): Uint8Array {
    const packet = new PacketBuffer(256 + length);
    const headers = TCP_HEADER_SIZE + options.size;
    const at = packet.append(headers + length);
    const header = new TcpHeader();
    header.sourcePort = this.port;
    header.destinationPort = this.#stackPort;
    header.sequence = start;
    for (const [letter, bit] of LETTERS) if (flags.includes(letter)) header.flags |= bit;
    header.acknowledgment = flags.includes(".") ? ack : seq(0);
    header.dataOffset = headers;
    header.window = window;
    header.write(packet.bytes, at);
    options.write(packet.bytes, at + TCP_HEADER_SIZE);
    for (let i = 0; i < length; i++) {
      packet.bytes[at + headers + i] = (seqDiff(start, this.#iss) + i) & 0xff;
    }
    header.checksum = transportChecksum(
      PEER_ADDRESS,
      STACK_ADDRESS,
      IP_PROTOCOL.tcp,
      packet.bytes,
      at,
      packet.end,
    );
    header.write(packet.bytes, at);
    const ipHeader = new Ipv4Header();
    ipHeader.totalLength = IPV4_HEADER_SIZE + headers + length;
    ipHeader.hopLimit = 64;
    ipHeader.protocol = IP_PROTOCOL.tcp;
    ipHeader.source = PEER_ADDRESS;
    ipHeader.destination = STACK_ADDRESS;
    ipHeader.write(packet.bytes, packet.prepend(IPV4_HEADER_SIZE));
    return packet.view();
  }
}
