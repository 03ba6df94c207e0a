/**
 * A peer that is not what it seems: it completes the handshake with host b like anybody, sees what b sends to
 * it, and then says what the test wants. Numbers count from the initial ones of either side.
 */

import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { Ipv4Header } from "../../src/wire/ipv4.ts";
import { TcpHeader } from "../../src/wire/tcp.ts";
import { TcpOptions } from "../../src/wire/tcp-options.ts";
import { FLAG, tcp, u16, u32 } from "../support/frames.ts";
import type { SegmentFields } from "./hostile-segments.ts";
import { B, type HostileWorld } from "./hostile-world.ts";

export const M = "10.0.0.66";
const ISS = 0x7fff_f000;
const STREAM_LIMIT = 300_000;

/** What b sent: `seq` and `ack` are relative. */
export interface Heard {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly text: Uint8Array;
}

export interface PeerOptions {
  readonly port?: number;
  /** The options of the SYN. */
  readonly options?: readonly number[];
}

export const MSS = (mss: number): number[] => [2, 4, ...u16(mss)];
export const SCALE = (shift: number): number[] => [3, 3, shift, 1];
export const SACK_OK = [4, 2, 1, 1];
export const STAMP = (value: number, echo = 0): number[] => [8, 10, ...u32(value), ...u32(echo), 1, 1];

const header = new Ipv4Header();
const segment = new TcpHeader();
const options = new TcpOptions();

export class HostilePeer {
  readonly port: number;
  readonly heard: Heard[] = [];
  /** Called for each segment that b sends here. */
  onSegment: ((heard: Heard) => void) | undefined = undefined;
  /** SND.NXT of ours after the SYN, and how far b's sequence numbers have come. */
  nxt = 1;
  reached = 0;
  /** The stream that b sent, and the bytes of it without a hole. */
  readonly stream = new Uint8Array(STREAM_LIMIT);
  received = 0;
  /** What has come of it: 1 a byte. */
  readonly #has = new Uint8Array(STREAM_LIMIT);
  readonly #w: HostileWorld;
  #base: number | undefined;

  constructor(w: HostileWorld, { port = 5_000, options: offered = MSS(1_460) }: PeerOptions = {}) {
    this.#w = w;
    this.port = port;
    const before = w.onPacket;
    w.onPacket = (from, packet) => {
      before?.(from, packet);
      if (from === "b") this.#receive(packet);
    };
    this.raw({ sequence: ISS, flags: FLAG.syn, options: offered });
  }

  /** A segment with absolute numbers. */
  raw(fields: SegmentFields): void {
    const ports = { sourcePort: this.port, destinationPort: 90 };
    this.#w.inject("b", tcp({ source: M, destination: B, ...ports, ...fields }));
  }

  /** A segment with relative numbers; those of an honest peer if not said. */
  says(fields: SegmentFields = {}): void {
    this.raw({
      flags: FLAG.ack,
      ...fields,
      sequence: ISS + (fields.sequence ?? this.nxt),
      acknowledgment: (this.#base ?? 0) + (fields.acknowledgment ?? this.reached),
    });
  }

  /** SACK blocks with relative edges, as an option. */
  sack(...blocks: Array<readonly [number, number]>): number[] {
    const edges = blocks.flat().flatMap(edge => u32((this.#base ?? 0) + edge));
    return [5, 2 + edges.length, ...edges, 1, 1];
  }

  /** Throws away all that has come. */
  forgets(): void {
    this.received = 0;
    this.#has.fill(0);
    this.stream.fill(0);
  }

  #take(at: number, text: Uint8Array): void {
    this.stream.set(text, at);
    this.#has.fill(1, at, at + text.length);
    while (this.#has[this.received] === 1) this.received++;
  }

  #receive(packet: Uint8Array): void {
    if (header.read(packet, 0, packet.length) !== undefined || header.destination.toString() !== M) return;
    if (segment.read(packet, 20, header.totalLength) !== undefined || segment.destinationPort !== this.port)
      return;
    options.read(packet, 40, 20 + segment.dataOffset);
    this.#base ??= segment.sequence;
    const seq = (segment.sequence - this.#base) | 0;
    const text = packet.slice(20 + segment.dataOffset, header.totalLength);
    const { flags, window } = segment;
    const length = text.length + ((flags & FLAG.syn) === 0 ? 0 : 1) + ((flags & FLAG.fin) === 0 ? 0 : 1);
    this.reached = Math.max(this.reached, seq + length);
    if (text.length > 0) this.#take(seq - 1, text);
    const heard = { seq, ack: (segment.acknowledgment - ISS) | 0, flags, window, text };
    this.heard.push(heard);
    if ((flags & FLAG.syn) !== 0) this.says();
    else this.onSegment?.(heard);
  }
}

/** The connection at b that belongs to the peer. */
export function connectionOf(w: HostileWorld, peer: HostilePeer): TcpConnection | undefined {
  for (const c of w.hosts.b.tcp.connections()) if (c.remotePort === peer.port) return c;
  return undefined;
}
