/** A connection of a capture in numbers, as plain data: for tables, for JSON, for the page. */
import type { TcpState } from "../tcp/states.ts";
import type { LossCause } from "../trace/event.ts";
import type { CapturedEnd, EndCounts } from "./captured-end.ts";
import type { CapturedConnection } from "./connection.ts";
import type { Outcome } from "./lifetime.ts";

export interface RoundTripSummary {
  readonly samples: number;
  /** µs, from the capture to the other end and back. */
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly srtt: number;
}

export interface EndSummary extends EndCounts {
  readonly address: string;
  readonly port: number;
  readonly state: TcpState;
  /** Of text that arrived, as the other end says; or that was seen, where nobody says. */
  readonly bytes: number;
  /** Of text that arrived but is not in the capture. */
  readonly missingBytes: number;
  readonly causes: Readonly<Partial<Record<LossCause, number>>>;
  readonly roundTrips: RoundTripSummary;
  /** Bytes per second: from the first to the last, and in the best 100 ms. */
  readonly throughput: number;
  readonly peakThroughput: number;
  readonly largestFlight: number;
  readonly largestWindow: number;
  readonly zeroWindowTime: number;
  /** Undefined: its SYN did not say, or is not in the capture. */
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps: boolean;
}

export interface ConnectionSummary {
  /** From 1, in the order of their first packets. */
  readonly number: number;
  /** The one that opened it first, as far as that shows. */
  readonly ends: readonly [EndSummary, EndSummary];
  readonly outcome: Outcome;
  /** The capture has its first SYN. */
  readonly isFromStart: boolean;
  readonly packets: number;
  readonly firstPacket: number;
  /** µs after the first packet of the capture. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** µs; undefined: not seen whole. */
  readonly handshakeTime?: number;
  readonly closingTime?: number;
  /** From the capture to each end and back, as the handshake had it. */
  readonly handshakeRoundTrips?: readonly [number, number];
  readonly resetBy?: 0 | 1;
}

export function summaryOf(connection: CapturedConnection): ConnectionSummary {
  const { lifetime, ends } = connection;
  const trips = lifetime.handshakeRoundTrips;
  return {
    number: connection.number,
    ends: [endSummary(ends[0], lifetime.state(0)), endSummary(ends[1], lifetime.state(1))],
    outcome: lifetime.outcome,
    isFromStart: connection.isFromStart,
    packets: connection.packets,
    firstPacket: connection.firstPacket,
    firstTime: connection.firstTime,
    lastTime: connection.lastTime,
    ...(lifetime.handshakeTime === undefined ? {} : { handshakeTime: lifetime.handshakeTime }),
    ...(lifetime.closingTime === undefined ? {} : { closingTime: lifetime.closingTime }),
    ...(trips === undefined ? {} : { handshakeRoundTrips: [trips[1], trips[0]] as const }),
    ...(lifetime.resetBy === undefined ? {} : { resetBy: lifetime.resetBy }),
  };
}

function endSummary(end: CapturedEnd, state: TcpState): EndSummary {
  const { roundTrips, throughput, counts } = end;
  return {
    ...counts,
    address: end.address.toString(),
    port: end.port,
    state,
    bytes: end.textArrived,
    missingBytes: end.sent.missing,
    causes: { ...end.causes },
    roundTrips: {
      samples: roundTrips.samples,
      min: roundTrips.min,
      mean: roundTrips.mean,
      max: roundTrips.max,
      srtt: roundTrips.srtt,
    },
    throughput: throughput.mean,
    peakThroughput: throughput.peak,
    largestFlight: end.largestFlight,
    largestWindow: end.largestWindow,
    zeroWindowTime: end.zeroWindowTime,
    timestamps: end.hasTimestamps,
    ...(end.mss < 0 ? {} : { mss: end.mss }),
    ...(end.windowScale < 0 ? {} : { windowScale: end.windowScale }),
    ...(end.hasSyn ? { sackPermitted: end.sackPermitted } : {}),
  };
}
