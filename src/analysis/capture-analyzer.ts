/**
 * A whole capture, packet by packet: segments find their connections, and verdicts become findings. Memory is
 * bounded by the number of connections; two bytes a packet hold the marks, where they are wanted.
 */
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { type CapturedSegment, SegmentReader } from "./captured-segment.ts";
import { concludeConnection } from "./conclude.ts";
import { type CapturedConnection, endNames } from "./connection.ts";
import { Connections } from "./connections.ts";
import { type Finding, Findings, worstFirst } from "./findings.ts";
import { MARK, type Verdict } from "./marks.ts";
import { noteSegment } from "./note-segment.ts";
import { readPathError } from "./path-error.ts";
import { type ConnectionSummary, summaryOf } from "./summary.ts";

export interface AnalyzerOptions {
  /** Each verdict when it is there, and again when later segments have changed it. */
  readonly onVerdict?: ((verdict: Verdict) => void) | undefined;
  /** Which packets are of which connection: 0 of none. */
  readonly onSegment?: ((packet: number, connection: number) => void) | undefined;
  readonly maxConnections?: number | undefined;
}

export class CaptureAnalyzer {
  readonly #reader = new SegmentReader();
  readonly #connections: Connections;
  readonly #findings = new Findings();
  readonly #options: AnalyzerOptions;
  /** µs since 1970, of the first packet. */
  epoch = 0;
  /** After the first packet. */
  lastTime = 0;
  packets = 0;
  bytes = 0;
  /** Packets that are segments of TCP. */
  segments = 0;

  constructor(options: AnalyzerOptions = {}) {
    this.#options = options;
    this.#connections = new Connections(options.maxConnections);
  }

  /** Segments of more connections than are kept. */
  get leftOut(): number {
    return this.#connections.leftOut;
  }

  /** Answers the verdict; undefined: it is no TCP, seen elsewhere, or one too many. */
  packet(packet: CapturedPacket): Verdict | undefined {
    const number = ++this.packets;
    if (number === 1) this.epoch = packet.time;
    const time = packet.time - this.epoch;
    this.lastTime = Math.max(this.lastTime, time);
    this.bytes += packet.originalLength;
    if (packet.originalLength > packet.bytes.length) {
      this.#findings.add("packets-cut", undefined, { packet: number, time });
    }
    const segment = this.#reader.read(packet, number, this.epoch);
    if (segment === undefined) {
      this.#pathError(packet, number, time);
      return undefined;
    }
    this.segments++;
    return this.#segment(segment);
  }

  /** What is known by now. Call it once, at the end. */
  conclude(): { readonly connections: ConnectionSummary[]; readonly findings: Finding[] } {
    const connections = this.#connections.all;
    for (const connection of connections) concludeConnection(connection, this.lastTime);
    const all = connections.flatMap(connection => findingsOf(connection));
    return {
      connections: connections.map(summaryOf),
      findings: worstFirst([...all, ...this.#findings.list(0, undefined)]),
    };
  }

  #pathError(packet: CapturedPacket, number: number, time: number): void {
    const error = readPathError(packet);
    const connection = error === undefined ? undefined : this.#connections.quoted(error.quoted);
    if (error === undefined || connection === undefined) return;
    this.#options.onSegment?.(number, connection.number);
    connection.pathError(error, { packet: number, time });
  }

  #segment(segment: CapturedSegment): Verdict | undefined {
    const found = this.#connections.find(segment);
    if (found === undefined) return undefined;
    const { connection, reusesPorts } = found;
    const { onVerdict, onSegment } = this.#options;
    connection.onVerdict ??= onVerdict;
    onSegment?.(segment.packet, connection.number);
    return analyzeSegment(connection, segment, reusesPorts);
  }
}

/** One segment of a connection, with the findings that it gives rise to. */
export function analyzeSegment(
  connection: CapturedConnection,
  captured: CapturedSegment,
  reusesPorts: boolean,
): Verdict | undefined {
  const segment = inOrder(captured, connection.lastTime);
  const verdict = connection.segment(segment);
  if (verdict === undefined) return undefined;
  if (reusesPorts && (segment.flags & TCP_FLAG.syn) !== 0) {
    verdict.marks |= MARK.portsReused;
    connection.onVerdict?.(verdict);
    connection.found("ports-reused", verdict.side, segment);
  }
  noteSegment(connection, segment, verdict);
  return verdict;
}

/** Within a connection time does not go back, though a clock may have been set or files were merged. */
function inOrder(segment: CapturedSegment, lastTime: number): CapturedSegment {
  return segment.time >= lastTime ? segment : { ...segment, time: lastTime };
}

function findingsOf(connection: CapturedConnection): Finding[] {
  return connection.findings.list(connection.number, endNames(connection, 0));
}
