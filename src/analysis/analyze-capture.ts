/**
 * Reads and analyses a whole capture, and keeps its packets, for whoever shows it: what the inspector's page
 * does with a file. The events of a connection are made when they are asked for, from its packets again.
 */
import { CaptureFileReader } from "../capture/capture-file.ts";
import type { CapturedPacket, CaptureError } from "../capture/captured-packet.ts";
import type { TraceEvent } from "../trace/event.ts";
import { analyzeSegment, CaptureAnalyzer } from "./capture-analyzer.ts";
import { SegmentReader } from "./captured-segment.ts";
import { concludeConnection } from "./conclude.ts";
import { CapturedConnection } from "./connection.ts";
import type { Finding } from "./findings.ts";
import { GrowingNumbers } from "./growing-numbers.ts";
import { MARK, type Mark, markNames } from "./marks.ts";
import { readPathError } from "./path-error.ts";
import type { ConnectionSummary } from "./summary.ts";
import { TraceEvents, type TracePart } from "./trace-events.ts";

export interface AnalyzeOptions {
  /** Called now and then: bytes of the capture, and packets, so far. */
  readonly progress?: ((bytes: number, packets: number) => void) | undefined;
  /** More packets are analysed, but not kept. */
  readonly maxPackets?: number | undefined;
}

const PIECE = 1024 * 1024;
const MOST_PACKETS = 2_000_000;

/** Reads a capture of any format from its bytes, or from pieces of them. Never throws for bad bytes. */
export async function analyzeCapture(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: AnalyzeOptions = {},
): Promise<CaptureReading> {
  const reader = new CaptureFileReader();
  const reading = new CaptureReading(options.maxPackets ?? MOST_PACKETS);
  let bytes = 0;
  for await (const piece of source instanceof Uint8Array ? piecesOf(source) : source) {
    for (const packet of reader.push(piece)) reading.add(packet);
    bytes += piece.length;
    options.progress?.(bytes, reading.count);
    if (reader.error !== undefined) break;
  }
  reader.end();
  reading.conclude(reader.error);
  return reading;
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

export class CaptureReading {
  /** Of the capture's beginning; packet numbers are one more than their index. */
  readonly packets: CapturedPacket[] = [];
  connections: readonly ConnectionSummary[] = [];
  /** The worst first. */
  findings: readonly Finding[] = [];
  /** Why reading stopped; what lies before is good. */
  error: CaptureError | undefined;
  readonly #marks = new GrowingNumbers();
  readonly #connectionOf = new GrowingNumbers();
  readonly #maxPackets: number;
  readonly #analyzer = new CaptureAnalyzer({
    onVerdict: ({ packet, marks }) => this.#marks.set(packet, marks),
    onSegment: (packet, connection) => this.#connectionOf.set(packet, connection),
  });

  constructor(maxPackets: number) {
    this.#maxPackets = maxPackets;
  }

  /** µs since 1970, of the first packet. All other times are counted from there. */
  get epoch(): number {
    return this.#analyzer.epoch;
  }

  /** Of all packets, kept or not. */
  get count(): number {
    return this.#analyzer.packets;
  }

  /** Segments of connections beyond those that are kept. */
  get leftOut(): number {
    return this.#analyzer.leftOut;
  }

  add(packet: CapturedPacket): void {
    this.#analyzer.packet(packet);
    if (this.packets.length < this.#maxPackets) this.packets.push(packet);
  }

  conclude(error: CaptureError | undefined): void {
    this.error = error;
    const { connections, findings } = this.#analyzer.conclude();
    this.connections = connections;
    this.findings = findings;
  }

  /** 0: of none. */
  connectionOf(packet: number): number {
    return this.#connectionOf.get(packet);
  }

  marksOf(packet: number): Mark[] {
    return markNames(this.#marks.get(packet));
  }

  /** One connection as a trace, of both its ends: `endNumber` tells their numbers. */
  events(number: number, part: TracePart = {}): TraceEvent[] {
    const reader = new SegmentReader();
    const trace = new TraceEvents(part);
    let connection: CapturedConnection | undefined;
    for (const [index, packet] of this.packets.entries()) {
      if (this.#connectionOf.get(index + 1) !== number) continue;
      const segment = reader.read(packet, index + 1, this.epoch);
      if (segment === undefined) {
        const error = readPathError(packet);
        const at = { packet: index + 1, time: packet.time - this.epoch };
        if (error !== undefined) connection?.pathError(error, at);
        continue;
      }
      connection ??= new CapturedConnection(number, segment, trace);
      analyzeSegment(connection, segment, (this.#marks.get(index + 1) & MARK.portsReused) !== 0);
    }
    if (connection === undefined) return [];
    concludeConnection(connection, this.#analyzer.lastTime);
    return trace.events(connection);
  }
}
