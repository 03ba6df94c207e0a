/** The far end of the bench: the test itself. */
import { expect } from "vitest";
import { readInt32 } from "../../src/base/bytes.ts";
import type { DropReason } from "../../src/base/drop-reason.ts";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import type { Duration } from "../../src/base/time.ts";
import type { TcpState } from "../../src/tcp/states.ts";
import type { IpAddress } from "../../src/wire/address.ts";
import { TCP_FLAG } from "../../src/wire/tcp.ts";
import type { Bench } from "./bench.ts";
import {
  ascii,
  letters,
  optionBytes,
  pattern,
  readSegment,
  type SeenSegment,
  type SegmentSpec,
  sortedFlags,
  writeSegment,
} from "./segments.ts";

export const HOST_PORT = 80;
export const PEER_PORT = 5_000;
const TICK = 1_000; // µs

export class Peer {
  readonly #bench: Bench;
  readonly #base: number;
  /** The host's ISS towards each of our ports, once a SYN of its has been seen. */
  readonly #oursBases = new Map<number, number>();
  readonly host: IpAddress;
  address: IpAddress;
  port = PEER_PORT;
  hostPort = HOST_PORT;
  /** Where the next segment begins, if the test does not say. */
  nxt = 100;
  /** How far the host's segments reached: the acknowledgment, if the test does not say. */
  seen = 0;
  /** The window field, if the test does not say. */
  window = 0xffff;
  /** Both SYNs had the option: every segment has it then, from the peer's own clock. */
  #offeredTimestamps = false;
  #usesTimestamps = false;
  #echo = 0;
  #inbox: SeenSegment[] = [];
  #stream: number[] = [];

  constructor(bench: Bench, host: IpAddress, address: IpAddress, base: number) {
    this.#bench = bench;
    this.host = host;
    this.address = address;
    this.#base = base;
  }

  // --- sending

  /**
   * Sends segments, one event each: the host settles after every one. Answers why the last one was dropped.
   */
  sends(...specs: SegmentSpec[]): DropReason | undefined {
    let reason: DropReason | undefined;
    for (const spec of specs) {
      reason = this.#deliver(this.#bytesOf(spec), spec.trafficClass);
      this.#bench.settle();
    }
    return reason;
  }

  /** Sends segments that the host's device hands up together. */
  sendsBurst(...specs: SegmentSpec[]): void {
    for (const spec of specs) this.#deliver(this.#bytesOf(spec), spec.trafficClass);
    this.#bench.settle();
  }

  sendsBytes(bytes: Uint8Array): DropReason | undefined {
    const reason = this.#deliver(bytes);
    this.#bench.settle();
    return reason;
  }

  /** The bytes of a segment, for tests that damage them. */
  writes(spec: SegmentSpec): Uint8Array {
    return this.#bytesOf(spec);
  }

  #deliver(bytes: Uint8Array, trafficClass = 0): DropReason | undefined {
    const packet = PacketBuffer.from(bytes);
    packet.transport = packet.start;
    return this.#bench.tcp.receive(packet, {
      source: this.address,
      destination: this.host,
      trafficClass,
      isGroup: false,
    });
  }

  #bytesOf(spec: SegmentSpec): Uint8Array {
    const start = spec.seq ?? this.nxt;
    const content = typeof spec.text === "number" ? pattern(start, spec.text) : ascii(spec.text ?? "");
    const isSyn = spec.flags.includes("S");
    const isRst = spec.flags.includes("R");
    const length = content.length + (isSyn ? 1 : 0) + (spec.flags.includes("F") ? 1 : 0);
    if (start === this.nxt && !isRst) this.nxt += length;
    if (isSyn) this.#offeredTimestamps = spec.timestamps !== undefined && spec.timestamps !== "none";
    const stamped = this.#usesTimestamps && spec.timestamps === undefined && !isRst;
    const filled = stamped ? { ...spec, timestamps: [this.clock, this.#echo] as const } : spec;
    return writeSegment({
      source: this.address,
      destination: this.host,
      sourcePort: this.port,
      destinationPort: this.hostPort,
      sequence: start + this.#base,
      acknowledgment: spec.flags.includes("A") ? (spec.ack ?? this.seen) + this.#oursBase : 0,
      flags: spec.flags,
      window: spec.window ?? this.window,
      text: content,
      urgent: spec.urgent,
      psh: spec.psh ?? false,
      options: optionBytes(filled, this.#oursBase),
    });
  }

  get #oursBase(): number {
    return this.#oursBases.get(this.port) ?? 0;
  }

  /** The peer's timestamp clock. */
  get clock(): number {
    return 1_000_000 + Math.floor(this.#bench.now / TICK);
  }

  // --- receiving

  /** The host sent these bytes. */
  receives(bytes: Uint8Array, trafficClass: number): void {
    const flags = bytes[13] as number;
    if ((flags & TCP_FLAG.syn) !== 0) this.#oursBases.set(this.port, readInt32(bytes, 4));
    const bases = { ours: this.#oursBase, peers: this.#base };
    const seen = readSegment(bytes, bases, this.#bench.now, trafficClass);
    if (typeof seen === "string") throw new Error(`the host sent a bad segment: ${seen}`);
    expect(seen.destinationPort, "the peer's port").toBe(this.port);
    this.hostPort = seen.sourcePort;
    this.#inbox.push(seen);
    if (seen.timestamps !== undefined) {
      this.#echo = seen.timestamps[0];
      if (seen.flags.startsWith("SA") || this.#offeredTimestamps) this.#usesTimestamps = true;
    }
    if (seen.flags.includes("R")) return;
    this.#collect(seen);
    const length =
      seen.bytes.length + (seen.flags.includes("S") ? 1 : 0) + (seen.flags.includes("F") ? 1 : 0);
    this.seen = Math.max(this.seen, seen.seq + length);
  }

  #collect(seen: SeenSegment): void {
    const start = seen.seq - (seen.flags.includes("S") ? 0 : 1);
    for (let i = 0; i < seen.bytes.length; i++) this.#stream[start + i] = seen.bytes[i] as number;
  }

  /** The oldest segment not looked at yet must be this one. */
  expects(spec: SegmentSpec): SeenSegment {
    const seen = this.#inbox.shift();
    if (seen === undefined) throw new Error(`the host sent nothing, not ${describe(spec)}`);
    const [found, wanted] = comparison(seen, spec);
    expect(found, `expected ${describe(spec)}`).toEqual(wanted);
    return seen;
  }

  expectsNothing(): void {
    expect(this.#inbox.map(summary)).toEqual([]);
  }

  /** Everything not looked at yet. */
  takes(): SeenSegment[] {
    const all = this.#inbox;
    this.#inbox = [];
    return all;
  }

  /** The host's text from its first byte on; `undefined` where none was seen. */
  get stream(): readonly number[] {
    return this.#stream;
  }

  get streamText(): string {
    return letters(Uint8Array.from(this.#stream));
  }

  // --- the rest

  advance(duration: Duration): void {
    this.#bench.advance(duration);
  }

  get state(): TcpState {
    return this.#bench.state;
  }

  /** The fields of an absolute number of the host's, for quotes in ICMP. */
  absolute(ours: number): number {
    return (ours + this.#oursBase) | 0;
  }
}

function comparison(
  seen: SeenSegment,
  spec: SegmentSpec,
): [Record<string, unknown>, Record<string, unknown>] {
  const found: Record<string, unknown> = { flags: seen.flags };
  const wanted: Record<string, unknown> = { flags: sortedFlags(spec.flags) };
  if (typeof spec.text === "number") {
    found["length"] = seen.bytes.length;
    wanted["length"] = spec.text;
  } else {
    found["text"] = letters(seen.bytes);
    wanted["text"] = spec.text ?? "";
  }
  found["urgent"] = seen.urgent;
  wanted["urgent"] = spec.urgent;
  const { flags: _flags, text: _text, urgent: _urgent, options: _options, ...fields } = spec;
  for (const [name, value] of Object.entries(fields)) {
    found[name] = seen[name as keyof SeenSegment];
    wanted[name] = value === "none" ? undefined : value;
  }
  return [found, wanted];
}

function describe(spec: SegmentSpec): string {
  return JSON.stringify(spec);
}

function summary(seen: SeenSegment): string {
  const length = seen.bytes.length;
  return `${seen.flags} seq ${seen.seq} ack ${seen.ack ?? "-"} win ${seen.window} length ${length}`;
}
