/**
 * struct tcp_info of Linux 6.18: 280 bytes. What TCP does not know is 0. Counts of segments are made from
 * bytes, by the size of a full segment.
 */
import { elapsed } from "../../base/time.ts";
import { FAST_OPEN_FAILURES } from "../../tcp/handshake/fast-open/client-attempt.ts";
import type { CongestionState } from "../../tcp/loss/recovery.ts";
import { pacingRate } from "../../tcp/pace.ts";
import { TIMESTAMPS_SIZE } from "../../tcp/receive/timestamps.ts";
import type { TcpState } from "../../tcp/states.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { TcpSocket } from "./tcp-socket.ts";

export const TCP_STATE_NUMBERS: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  "SYN-SENT": 2,
  "SYN-RECEIVED": 3,
  "FIN-WAIT-1": 4,
  "FIN-WAIT-2": 5,
  "TIME-WAIT": 6,
  CLOSED: 7,
  "CLOSE-WAIT": 8,
  "LAST-ACK": 9,
  LISTEN: 10,
  CLOSING: 11,
};

/** tcpi_ca_state. */
export const TCP_CA_OPEN = 0;
export const TCP_CA_DISORDER = 1;
export const TCP_CA_CWR = 2;
export const TCP_CA_RECOVERY = 3;
export const TCP_CA_LOSS = 4;

/** Bits of tcpi_options. */
export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;

/** The fields in their order, and their sizes in bytes; the eighth byte holds bit fields. */
const LAYOUT = {
  tcpi_state: 1,
  tcpi_ca_state: 1,
  tcpi_retransmits: 1,
  tcpi_probes: 1,
  tcpi_backoff: 1,
  tcpi_options: 1,
  wscales: 1,
  flags: 1,
  tcpi_rto: 4,
  tcpi_ato: 4,
  tcpi_snd_mss: 4,
  tcpi_rcv_mss: 4,
  tcpi_unacked: 4,
  tcpi_sacked: 4,
  tcpi_lost: 4,
  tcpi_retrans: 4,
  tcpi_fackets: 4,
  tcpi_last_data_sent: 4,
  tcpi_last_ack_sent: 4,
  tcpi_last_data_recv: 4,
  tcpi_last_ack_recv: 4,
  tcpi_pmtu: 4,
  tcpi_rcv_ssthresh: 4,
  tcpi_rtt: 4,
  tcpi_rttvar: 4,
  tcpi_snd_ssthresh: 4,
  tcpi_snd_cwnd: 4,
  tcpi_advmss: 4,
  tcpi_reordering: 4,
  tcpi_rcv_rtt: 4,
  tcpi_rcv_space: 4,
  tcpi_total_retrans: 4,
  tcpi_pacing_rate: 8,
  tcpi_max_pacing_rate: 8,
  tcpi_bytes_acked: 8,
  tcpi_bytes_received: 8,
  tcpi_segs_out: 4,
  tcpi_segs_in: 4,
  tcpi_notsent_bytes: 4,
  tcpi_min_rtt: 4,
  tcpi_data_segs_in: 4,
  tcpi_data_segs_out: 4,
  tcpi_delivery_rate: 8,
  tcpi_busy_time: 8,
  tcpi_rwnd_limited: 8,
  tcpi_sndbuf_limited: 8,
  tcpi_delivered: 4,
  tcpi_delivered_ce: 4,
  tcpi_bytes_sent: 8,
  tcpi_bytes_retrans: 8,
  tcpi_dsack_dups: 4,
  tcpi_reord_seen: 4,
  tcpi_rcv_ooopack: 4,
  tcpi_snd_wnd: 4,
  tcpi_rcv_wnd: 4,
  tcpi_rehash: 4,
  tcpi_total_rto: 2,
  tcpi_total_rto_recoveries: 2,
  tcpi_total_rto_time: 4,
  tcpi_received_ce: 4,
  tcpi_delivered_e1_bytes: 4,
  tcpi_delivered_e0_bytes: 4,
  tcpi_delivered_ce_bytes: 4,
  tcpi_received_e1_bytes: 4,
  tcpi_received_e0_bytes: 4,
  tcpi_received_ce_bytes: 4,
  accecn: 4,
} as const;

type StructField = keyof typeof LAYOUT;
const FIELDS = Object.keys(LAYOUT) as StructField[];

export const TCP_INFO_SIZE = FIELDS.reduce((sum, field) => sum + LAYOUT[field], 0);

/**
 * The struct by the names of its fields; those that share a byte are taken apart. Numbers, as no field needs
 * more.
 */
export type TcpInfoFields = Record<Exclude<StructField, "wscales" | "flags" | "accecn">, number> & {
  tcpi_snd_wscale: number;
  tcpi_rcv_wscale: number;
  tcpi_delivery_rate_app_limited: number;
  tcpi_fastopen_client_fail: number;
};

const INFINITE_SSTHRESH = 0x7fff_ffff;
const NO_RTT_YET = 0xffff_ffff;
const UNLIMITED = 0xffff_ffff_ffff_ffffn;
const UNCONNECTED_MSS = 536;
/** Before anything is known of the peer: Linux's TCP_MIN_MSS, and TCP_INIT_CWND. */
const LEAST_MSS = 88;
const INITIAL_SEGMENTS = 10;
/** What Linux tells of a socket that was never connected. */
const UNCONNECTED: Partial<Record<StructField, number | bigint>> = {
  tcpi_rto: 1_000_000,
  tcpi_snd_mss: UNCONNECTED_MSS,
  tcpi_rttvar: 250_000,
  tcpi_snd_ssthresh: INFINITE_SSTHRESH,
  tcpi_snd_cwnd: INITIAL_SEGMENTS,
  tcpi_reordering: 3,
  tcpi_pacing_rate: UNLIMITED,
  tcpi_min_rtt: NO_RTT_YET,
  flags: 1,
};

export function tcpInfoBytes(socket: TcpSocket): Uint8Array {
  const { connection, listening } = socket;
  const values: Partial<Record<StructField, number | bigint>> = {
    ...(connection === undefined ? UNCONNECTED : valuesOf(connection)),
    tcpi_state: TCP_STATE_NUMBERS[socket.state],
    tcpi_max_pacing_rate: socket.maxPacingRate,
  };
  if (listening !== undefined) {
    values.tcpi_unacked = listening.waiting;
    values.tcpi_sacked = listening.backlog;
  }
  const bytes = new Uint8Array(TCP_INFO_SIZE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of FIELDS) {
    write(view, at, LAYOUT[field], values[field] ?? 0);
    at += LAYOUT[field];
  }
  return bytes;
}

/** The struct as an object: for who would rather not count bytes. */
export function readTcpInfo(bytes: Uint8Array): TcpInfoFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const all: Record<string, number> = {};
  let at = 0;
  for (const field of FIELDS) {
    all[field] = at + LAYOUT[field] <= bytes.length ? read(view, at, LAYOUT[field]) : 0;
    at += LAYOUT[field];
  }
  const { wscales = 0, flags = 0, accecn: _, ...fields } = all;
  return {
    ...fields,
    tcpi_snd_wscale: wscales & 0xf,
    tcpi_rcv_wscale: wscales >> 4,
    tcpi_delivery_rate_app_limited: flags & 1,
    tcpi_fastopen_client_fail: (flags >> 1) & 3,
  } as TcpInfoFields;
}

function valuesOf(c: TcpConnection): Partial<Record<StructField, number | bigint>> {
  const { tcb, rtt, congestion } = c;
  const { retransmissions } = c.tally;
  const mss = tcb.snd.mss;
  const packets = (bytes: number): number => Math.ceil(bytes / mss);
  return {
    ...flightOf(c),
    tcpi_ca_state: CONGESTION_STATES[c.recovery.state],
    tcpi_retransmits: c.userTimeout.timeouts,
    tcpi_probes: c.persist.unanswered + c.keepalive.probes,
    tcpi_backoff: Math.max(c.rto.backoff, c.persist.backoff),
    tcpi_options: optionBits(c),
    wscales: tcb.snd.wscale | (tcb.rcv.wscale << 4),
    tcpi_rto: c.rto.value,
    tcpi_ato: Math.round(c.delayedAck.timeout),
    tcpi_snd_mss: mss,
    tcpi_rcv_mss: c.receiveMss.value,
    tcpi_last_data_sent: millisecondsSince(c, c.lastSentAt),
    tcpi_last_data_recv: millisecondsSince(c, c.delayedAck.lastTextAt),
    tcpi_last_ack_recv: millisecondsSince(c, c.lastHeardAt),
    tcpi_pmtu: c.path.mtu,
    tcpi_rcv_ssthresh: c.receiveWindow.threshold,
    tcpi_rtt: Math.round(rtt.srtt),
    tcpi_rttvar: rtt.isMeasured ? Math.round(rtt.rttvar) : 250_000,
    tcpi_snd_ssthresh:
      congestion.ssthresh >= INFINITE_SSTHRESH ? INFINITE_SSTHRESH : packets(congestion.ssthresh),
    tcpi_snd_cwnd: Math.max(1, Math.floor(congestion.cwnd / mss)),
    tcpi_advmss: c.ours.mss - (c.timestamps.enabled ? TIMESTAMPS_SIZE : 0),
    tcpi_reordering: c.reordering.degree,
    tcpi_rcv_rtt: Math.round(c.receiverRtt.value),
    tcpi_rcv_space: c.windowTuning.space,
    tcpi_total_retrans: Object.values(retransmissions).reduce((sum, count) => sum + count, 0),
    tcpi_pacing_rate: rateOf(pacingRate(c)),
    tcpi_bytes_acked: c.tally.bytesAcked + controlsAcknowledged(c),
    tcpi_bytes_received: c.tally.bytesReceived + (c.receiveClosed ? 1 : 0),
    tcpi_segs_out: c.tally.segmentsOut,
    tcpi_segs_in: c.tally.segmentsIn,
    tcpi_notsent_bytes: Math.max(0, c.unsent),
    tcpi_min_rtt: rtt.isMeasured ? rtt.min : NO_RTT_YET,
    tcpi_delivery_rate: Math.floor(c.deliveryRate.rate * mss),
    flags: (c.deliveryRate.rateIsAppLimited ? 1 : 0) | (fastOpenFailure(c) << 1),
    tcpi_delivered: c.deliveryRate.delivered,
    tcpi_delivered_ce: c.ecn?.deliveredCe ?? 0,
    tcpi_data_segs_in: c.tally.textSegmentsIn,
    tcpi_data_segs_out: c.tally.textSegmentsOut,
    tcpi_busy_time: c.busyTime.total(c.now),
    tcpi_rwnd_limited: c.busyTime.spent("window", c.now),
    tcpi_sndbuf_limited: c.busyTime.spent("buffer", c.now),
    // What was sent again counts once more.
    tcpi_bytes_sent: c.tally.bytesSent + c.tally.bytesRetransmitted,
    tcpi_bytes_retrans: c.tally.bytesRetransmitted,
    tcpi_dsack_dups: c.tally.needlessSegments,
    tcpi_reord_seen: c.reordering.seen,
    tcpi_rcv_ooopack: c.tally.outOfOrderSegments,
    tcpi_snd_wnd: tcb.snd.wnd,
    tcpi_rcv_wnd: c.toldWindow,
    tcpi_total_rto: c.userTimeout.total,
    tcpi_total_rto_recoveries: c.userTimeout.runs,
    tcpi_total_rto_time: Math.floor(c.userTimeout.spent(c.now) / 1_000),
    ...(c.state === "SYN-SENT" ? valuesOfOpening(c) : undefined),
  };
}

/** Nothing is agreed yet: what Linux tells until the peer's SYN arrives. */
function valuesOfOpening(c: TcpConnection): Partial<Record<StructField, number>> {
  return {
    tcpi_snd_mss: UNCONNECTED_MSS - (c.ours.timestamps ? TIMESTAMPS_SIZE : 0),
    tcpi_rcv_mss: LEAST_MSS,
    tcpi_rcv_ssthresh: c.toldWindow,
    tcpi_snd_cwnd: INITIAL_SEGMENTS,
  };
}

/** A SYN and a FIN take a sequence number each: Linux counts them as bytes, but no passive side's SYN. */
function controlsAcknowledged(c: TcpConnection): number {
  const { snd, iss } = c.tcb;
  const isSynOurs = c.listener === undefined && snd.una !== iss;
  return (isSynOurs ? 1 : 0) + (c.finAcknowledged ? 1 : 0);
}

function rateOf(bytesPerSecond: number): number | bigint {
  return Number.isFinite(bytesPerSecond) ? Math.floor(bytesPerSecond) : UNLIMITED;
}

/** What is in flight, as numbers of segments. */
function flightOf(c: TcpConnection): Partial<Record<StructField, number>> {
  const { queue, duplicateAcks } = c;
  return {
    tcpi_unacked: queue.segments,
    tcpi_sacked: queue.sackedSegments + duplicateAcks.count,
    tcpi_lost: queue.lostSegments,
    tcpi_retrans: queue.retransmittedSegments,
  };
}

const CONGESTION_STATES: Readonly<Record<CongestionState, number>> = {
  open: TCP_CA_OPEN,
  disorder: TCP_CA_DISORDER,
  cwr: TCP_CA_CWR,
  recovery: TCP_CA_RECOVERY,
  loss: TCP_CA_LOSS,
};

function optionBits(c: TcpConnection): number {
  const { agreement } = c;
  if (agreement === undefined) return 0;
  return (
    (agreement.timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
    (agreement.sack ? TCPI_OPT_SACK : 0) |
    (c.ecn === undefined ? 0 : TCPI_OPT_ECN) |
    (c.ecn?.seen === true ? TCPI_OPT_ECN_SEEN : 0) |
    (agreement.sendScale > 0 || agreement.receiveScale > 0 ? TCPI_OPT_WSCALE : 0) |
    (c.fastOpen?.tookText === true ? TCPI_OPT_SYN_DATA : 0)
  );
}

/** tcpi_fastopen_client_fail. */
function fastOpenFailure({ fastOpen }: TcpConnection): number {
  return fastOpen?.role === "client" ? FAST_OPEN_FAILURES.indexOf(fastOpen.failure) : 0;
}

function millisecondsSince(c: TcpConnection, at: TcpConnection["openedAt"]): number {
  return Math.floor(elapsed(at, c.now) / 1_000);
}

function write(view: DataView, at: number, size: number, value: number | bigint): void {
  if (size === 8) view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  else if (size === 4) view.setUint32(at, Number(value), true);
  else if (size === 2) view.setUint16(at, Math.min(0xffff, Number(value)), true);
  else view.setUint8(at, Math.min(0xff, Number(value)));
}

function read(view: DataView, at: number, size: number): number {
  if (size === 8) return Number(view.getBigUint64(at, true));
  if (size === 4) return view.getUint32(at, true);
  return size === 2 ? view.getUint16(at, true) : view.getUint8(at);
}
