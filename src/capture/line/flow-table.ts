/**
 * The first sequence numbers of each TCP flow, so that a dump can show numbers that start at 0. As tcpdump
 * does it: a flow begins with a SYN-ACK, or with the first segment that has an ACK; that segment is shown
 * with its own numbers.
 */
import type { IpAddress } from "../../wire/address.ts";

export interface FlowEnds {
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

export interface RelativeNumbers {
  readonly sequence: number;
  readonly acknowledgment: number;
  /** What SACK blocks are relative to. */
  readonly sackBase: number;
}

/** The first number of each side, the side with the lower port first. */
interface Flow {
  low: number;
  high: number;
}

export class FlowTable {
  readonly #limit: number;
  /** In order of last use: the flow that was silent for longest makes room. */
  readonly #flows = new Map<string, Flow>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The numbers of a segment that has ACK set. */
  relative(ends: FlowEnds, syn: boolean, sequence: number, acknowledgment: number): RelativeNumbers {
    const reversed = isReversed(ends);
    const key = keyOf(ends, reversed);
    const known = this.#flows.get(key);
    const begins = known === undefined || syn;
    const flow = begins ? newFlow(reversed, sequence, acknowledgment) : known;
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (this.#flows.size > this.#limit) this.#dropOldest();
    const own = reversed ? flow.high : flow.low;
    const other = reversed ? flow.low : flow.high;
    if (begins) return { sequence, acknowledgment, sackBase: other };
    return {
      sequence: (sequence - own) >>> 0,
      acknowledgment: (acknowledgment - other) >>> 0,
      sackBase: other,
    };
  }

  #dropOldest(): void {
    const oldest = this.#flows.keys().next();
    if (oldest.done !== true) this.#flows.delete(oldest.value);
  }
}

function newFlow(reversed: boolean, sequence: number, acknowledgment: number): Flow {
  const other = (acknowledgment - 1) >>> 0;
  return reversed ? { low: other, high: sequence } : { low: sequence, high: other };
}

function isReversed(ends: FlowEnds): boolean {
  if (ends.sourcePort !== ends.destinationPort) return ends.sourcePort > ends.destinationPort;
  return isAbove(ends.source, ends.destination);
}

function isAbove(a: IpAddress, b: IpAddress): boolean {
  if (a.w0 !== b.w0) return a.w0 >>> 0 > b.w0 >>> 0;
  if (a.w1 !== b.w1) return a.w1 >>> 0 > b.w1 >>> 0;
  if (a.w2 !== b.w2) return a.w2 >>> 0 > b.w2 >>> 0;
  return a.w3 >>> 0 > b.w3 >>> 0;
}

function keyOf(ends: FlowEnds, reversed: boolean): string {
  const from = `${ends.source}.${ends.sourcePort}`;
  const to = `${ends.destination}.${ends.destinationPort}`;
  return reversed ? `${to} ${from}` : `${from} ${to}`;
}
