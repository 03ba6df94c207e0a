/**
 * What a user may know of a connection: RFC 9293 §3.10.6 (STATUS), with the names of Linux's struct tcp_info where it
 * has the same fact. Times are in µs, sizes in bytes.
 */
import type { ErrorCode } from "../base/errors.ts";
import type { TcpState } from "./states.ts";

/** Retransmissions by what made us believe that a segment was lost. */
export interface RetransmissionCounts {
  syn: number;
  timeout: number;
  fast: number;
  rack: number;
  tlp: number;
}

export interface TcpInfo {
  readonly state: TcpState;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly congestionControl: string;
  readonly recovery: "open" | "fast" | "loss";
  /** The largest text of a segment that we send, and the largest that the peer has sent. */
  readonly sendMss: number;
  readonly receiveMss: number;
  readonly pathMtu: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly sendScale: number;
  readonly receiveScale: number;
  /** SRTT, RTTVAR and the smallest sample; 0 before the first. */
  readonly srtt: number;
  readonly rttvar: number;
  readonly minRtt: number;
  readonly rto: number;
  readonly backoff: number;
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly sendWindow: number;
  readonly receiveWindow: number;
  /** Sent and not acknowledged; held to be in flight; reported by SACK; held for lost. */
  readonly unacknowledged: number;
  readonly inFlight: number;
  readonly sacked: number;
  readonly lost: number;
  /** In the buffers: to be sent or acknowledged, to be read. */
  readonly sendQueue: number;
  readonly receiveQueue: number;
  readonly bytesSent: number;
  readonly bytesAcked: number;
  readonly bytesReceived: number;
  readonly segmentsOut: number;
  readonly segmentsIn: number;
  readonly retransmissions: Readonly<RetransmissionCounts>;
  readonly bytesRetransmitted: number;
  readonly outOfOrderSegments: number;
  readonly duplicateSegments: number;
  readonly windowProbes: number;
  /** Since the connection was opened until now, or until it ended. */
  readonly duration: number;
  readonly error: ErrorCode | undefined;
}
