/**
 * The connections of a capture, by their addresses and ports. A SYN with another sequence number on the same
 * four begins a new one. Bounded: a flood of SYNs in a capture is counted, not kept.
 */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { CapturedConnection, type ConnectionObserver } from "./connection.ts";
import type { Quoted } from "./path-error.ts";

export const MOST_CONNECTIONS = 32_768;

export interface Found {
  readonly connection: CapturedConnection;
  /** It is new, on ports that an earlier one had. */
  readonly reusesPorts: boolean;
}

export class Connections {
  readonly all: CapturedConnection[] = [];
  /** Segments of connections that there was no room for. */
  leftOut = 0;
  readonly #current = new Map<string, CapturedConnection>();
  readonly #limit: number;

  constructor(limit = MOST_CONNECTIONS) {
    this.#limit = limit;
  }

  /** The one whose segment has met with an error on its way. */
  quoted(quoted: Quoted): CapturedConnection | undefined {
    return this.#current.get(keyOf(quoted));
  }

  find(segment: CapturedSegment, observer?: ConnectionObserver): Found | undefined {
    const key = keyOf(segment);
    const known = this.#current.get(key);
    if (known !== undefined && !begins(segment, known)) return { connection: known, reusesPorts: false };
    if (this.all.length >= this.#limit) {
      this.leftOut++;
      return undefined;
    }
    const connection = new CapturedConnection(this.all.length + 1, segment, observer);
    this.all.push(connection);
    this.#current.set(key, connection);
    return { connection, reusesPorts: known !== undefined };
  }
}

/** A SYN that is no repetition, and no answer to one. */
function begins(segment: CapturedSegment, known: CapturedConnection): boolean {
  if ((segment.flags & (TCP_FLAG.syn | TCP_FLAG.ack)) !== TCP_FLAG.syn) return false;
  const { lifetime, ends } = known;
  const sender = ends[known.sideOf(segment)];
  if (sender.hasSyn) return sender.initialSequence !== segment.sequence;
  // The other end has opened: both open at once, or its connection is over.
  const isSimultaneous = lifetime.syns > 0 && lifetime.synAcks === 0 && !lifetime.isOver;
  return !isSimultaneous;
}

function keyOf({ source, sourcePort, destination, destinationPort }: Quoted): string {
  const from = `${source.w0},${source.w1},${source.w2},${source.w3},${sourcePort}`;
  const to = `${destination.w0},${destination.w1},${destination.w2},${destination.w3},${destinationPort}`;
  return from < to ? `${from} ${to}` : `${to} ${from}`;
}
