/**
 * What a user may know of a connection: RFC 9293 §3.10.6 (STATUS), with the names of Linux's struct tcp_info
 * where it has the same fact. Times are in µs, sizes in bytes.
 */
import type { ErrorCode } from "../base/errors.ts";
import { elapsed } from "../base/time.ts";
import { bytesInFlight } from "./flight.ts";
import type { CongestionState } from "./loss/recovery.ts";
import type { TcpState } from "./states.ts";
import type { RetransmissionCounts } from "./tally.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export interface TcpInfo {
  readonly state: TcpState;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly congestionControl: string;
  readonly recovery: CongestionState;
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
  readonly retransmissions: Readonly<Omit<RetransmissionCounts, "fold" | "unfold">>;
  readonly bytesRetransmitted: number;
  readonly outOfOrderSegments: number;
  readonly duplicateSegments: number;
  readonly windowProbes: number;
  /** Since the connection was opened until now, or until it ended. */
  readonly duration: number;
  readonly error: ErrorCode | undefined;
}

/** §3.10.6 STATUS. */
export function infoOf(c: TcpConnection): TcpInfo {
  const { tcb, rtt, queue, congestion } = c;
  return {
    state: tcb.state,
    localAddress: c.local.toString(),
    localPort: c.localPort,
    remoteAddress: c.remote.toString(),
    remotePort: c.remotePort,
    congestionControl: congestion.name,
    recovery: c.recovery.state,
    sendMss: tcb.snd.mss,
    receiveMss: c.receiveMss.value,
    pathMtu: c.path.mtu,
    timestamps: c.timestamps.enabled,
    sack: c.usesSack,
    sendScale: tcb.snd.wscale,
    receiveScale: tcb.rcv.wscale,
    srtt: Math.round(rtt.srtt),
    rttvar: Math.round(rtt.rttvar),
    minRtt: rtt.isMeasured ? rtt.min : 0,
    rto: c.rto.value,
    backoff: c.rto.backoff,
    cwnd: congestion.cwnd,
    ssthresh: congestion.ssthresh,
    sendWindow: tcb.snd.wnd,
    receiveWindow: tcb.receiveWindow,
    unacknowledged: tcb.outstanding,
    inFlight: c.usesSack ? queue.pipe : Math.min(queue.pipe, bytesInFlight(c)),
    sacked: queue.sackedBytes,
    lost: queue.lostBytes,
    sendQueue: c.sendBuffer.length,
    receiveQueue: c.receiveBuffer.readable,
    bytesSent: c.tally.bytesSent,
    bytesAcked: c.tally.bytesAcked,
    bytesReceived: c.tally.bytesReceived,
    segmentsOut: c.tally.segmentsOut,
    segmentsIn: c.tally.segmentsIn,
    retransmissions: { ...c.tally.retransmissions },
    bytesRetransmitted: c.tally.bytesRetransmitted,
    outOfOrderSegments: c.tally.outOfOrderSegments,
    duplicateSegments: c.tally.duplicateSegments,
    windowProbes: c.tally.windowProbes,
    duration: elapsed(c.openedAt, c.endedAt ?? c.now),
    error: c.error,
  };
}
