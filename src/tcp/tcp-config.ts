/**
 * The knobs of TCP: one table, with Linux's defaults and the name of Linux's sysctl behind each.
 */
import { type Duration, milliseconds, seconds } from "../base/time.ts";
import type { CongestionControls } from "./congestion/congestion-controls.ts";
import { NO_LOW_WATER } from "./send/send-space.ts";
import { checkSettings } from "./settings-check.ts";

/**
 * IP_MTU_DISCOVER by its names. `want` and `do`: segments are not cut on the way (DF), and what routers
 * report counts. The others let routers cut, as Linux's TCP does; of them only `probe` believes reports.
 */
export type PathMtuDiscovery = "dont" | "want" | "do" | "probe" | "interface" | "omit";

import type { Signatures } from "./md5-signatures.ts";

export interface TcpConfig {
  /** RFC 7323 §3; net.ipv4.tcp_timestamps. */
  timestamps: boolean;
  /** RFC 7323 §2; net.ipv4.tcp_window_scaling. */
  windowScaling: boolean;
  /** RFC 2018; net.ipv4.tcp_sack. */
  sack: boolean;
  /** RFC 3168: 0: no; 1: SYNs ask for it; 2: only where the peer asks; net.ipv4.tcp_ecn. */
  ecn: number;
  /** A SYN that goes out again does not ask for ECN: RFC 3168 §6.1.1.1; net.ipv4.tcp_ecn_fallback. */
  ecnFallback: boolean;
  /** What arrives twice is reported: RFC 2883; net.ipv4.tcp_dsack. */
  duplicateSack: boolean;
  /** The urgent pointer points at the last urgent byte, not behind it (RFC 6093); net.ipv4.tcp_stdurg. */
  urgentPointsAtLast: boolean;
  /** The name of the congestion control; net.ipv4.tcp_congestion_control. */
  congestionControl: string;
  /** Congestion controls beside Postel's own, by name. */
  congestionControls: CongestionControls;
  /**
   * What ends CUBIC's slow start before a loss does, docs/decisions/hystart.md: Linux's HyStart, HyStart++ of
   * RFC 9406, or nothing; the module parameter tcp_cubic.hystart.
   */
  hystart: "classic" | "plus-plus" | "off";
  /** What the classic one looks at: 1 trains of ACKs, 2 delay, 3 both; tcp_cubic.hystart_detect. */
  hystartDetect: number;
  /** A window shrinks while it is not used: RFC 5681 §4.1, RFC 7661; net.ipv4.tcp_slow_start_after_idle. */
  slowStartAfterIdle: boolean;
  /** RFC 6928, in segments; a property of Linux's routes (initcwnd). */
  initialWindow: number;

  /** TCP_MAXSEG: the largest MSS that is offered and used; 0: what the path takes. */
  maximumSegment: number;
  /** The least MSS of a peer that is believed; net.ipv4.tcp_min_snd_mss. */
  leastMss: number;
  /** IP_MTU_DISCOVER; net.ipv4.ip_no_pmtu_disc. */
  pathMtuDiscovery: PathMtuDiscovery;
  /** RFC 5927 §7.2: a packet-too-big error about sizes that have arrived waits for a timeout. */
  confirmPacketTooBig: boolean;
  /** RFC 4821: 1: after timeouts that look like a black hole, 2: always; net.ipv4.tcp_mtu_probing. */
  mtuProbing: number;
  /** Where the search begins: net.ipv4.tcp_base_mss; where it never goes below: tcp_mtu_probe_floor. */
  baseMss: number;
  mtuProbeFloor: number;
  /** A finished search begins anew after so long; net.ipv4.tcp_probe_interval, in seconds there. */
  mtuProbeInterval: Duration;
  /** A search is finished when so many bytes are left of its range; net.ipv4.tcp_probe_threshold. */
  mtuProbeThreshold: number;

  /** RFC 6298 §2: before the first RTT sample. Linux: TCP_TIMEOUT_INIT. */
  initialRto: Duration;
  /** docs/decisions/min-rto.md; net.ipv4.tcp_rto_min_us. */
  minRto: Duration;
  /** RFC 6298 §2.5; net.ipv4.tcp_rto_max_ms. */
  maxRto: Duration;
  /**
   * R2 of a SYN (RFC 9293 §3.8.3, MUST-22, MUST-23), beside the linear ones: 6 are 131 s,
   * docs/decisions/syn-retries.md; net.ipv4.tcp_syn_retries.
   */
  synRetries: number;
  /**
   * So many SYNs are sent again after the same time, before each waits twice as long as the one before; they
   * do not count among `synRetries`. net.ipv4.tcp_syn_linear_timeouts.
   */
  synLinearTimeouts: number;
  /** Retransmissions of a SYN-ACK: 5 are 63 s; net.ipv4.tcp_synack_retries. */
  synAckRetries: number;
  /**
   * R1 of RFC 9293 §3.8.3 (SHLD-10), as a number of doublings from `minRto`: 3 are 3 s;
   * net.ipv4.tcp_retries1.
   */
  retries1: number;
  /** R2 of RFC 9293 §3.8.3 (SHLD-11), likewise: 15 are 924.6 s; net.ipv4.tcp_retries2. */
  retries2: number;
  /** R2 of connections whose user is gone; 0: 8 as long as the RTO grows; net.ipv4.tcp_orphan_retries. */
  orphanRetries: number;
  /** Connections without a user that a host keeps; beyond them they are reset; net.ipv4.tcp_max_orphans. */
  orphanLimit: number;
  /** Six timeouts of a stream of few segments are not backed off; net.ipv4.tcp_thin_linear_timeouts. */
  thinLinearTimeouts: boolean;
  /** How long the smallest round trip is remembered; net.ipv4.tcp_min_rtt_wlen. */
  minRttWindow: Duration;

  /** RFC 8985 §6: loss detection by time, where the peer has SACK; net.ipv4.tcp_recovery, bit 1. */
  rack: boolean;
  /** RACK's reordering window does not grow with D-SACKs; net.ipv4.tcp_recovery, bit 2. */
  rackStaticWindow: boolean;
  /** RACK waits for reordering even when many segments are reported; net.ipv4.tcp_recovery, bit 4. */
  rackWithoutThreshold: boolean;
  /** RFC 8985 §7: tail loss probes; net.ipv4.tcp_early_retrans. */
  tailLossProbe: boolean;
  /** RFC 5682: F-RTO; net.ipv4.tcp_frto. */
  forwardRto: boolean;
  /** The duplicate threshold at first, and at most; net.ipv4.tcp_reordering, tcp_max_reordering. */
  reordering: number;
  maxReordering: number;

  /**
   * The memory of what waits to be sent or acknowledged, in bytes, at first, and what it may grow to;
   * net.ipv4.tcp_wmem.
   */
  sendBuffer: number;
  sendBufferLimit: number;
  /**
   * A write finds room, and a socket is writable, only as long as less than this is not sent yet;
   * net.ipv4.tcp_notsent_lowat.
   */
  notSentLowWater: number;
  /**
   * The most that waits to be read, in bytes: half of net.ipv4.tcp_rmem[1], for Linux counts its own
   * bookkeeping too.
   */
  receiveBuffer: number;
  /** What tuning may make of it, and the window scale is chosen for: half of net.ipv4.tcp_rmem[2]. */
  receiveBufferLimit: number;
  /** The user chose the size (SO_RCVBUF): it stays. */
  receiveBufferFixed: boolean;
  /** The largest that a user may ask for, as Linux counts it; net.core.rmem_max. */
  receiveBufferCeiling: number;
  /** The buffer grows with the flow: receive/window-tuning; net.ipv4.tcp_moderate_rcvbuf. */
  moderateReceiveBuffer: boolean;
  /** The largest window that is told, in bytes; 0: no limit (TCP_WINDOW_CLAMP). */
  windowClamp: number;
  /** The buffer divided by two to this is kept from the window; 0 keeps nothing; net.ipv4.tcp_app_win. */
  applicationWindow: number;
  /** A window may be taken back (against SHLD-14), to keep to the buffer; net.ipv4.tcp_shrink_window. */
  shrinkWindow: boolean;
  /** No unscaled window beyond 32,767; net.ipv4.tcp_workaround_signed_windows. */
  signedWindows: boolean;
  /** RFC 9293 §3.7.4: Nagle's algorithm is on unless this is set (TCP_NODELAY). */
  noDelay: boolean;
  /** New text leaves in units of several segments, each pushed at its end: docs/decisions/push.md. */
  tsoUnits: boolean;
  /** A unit of new text has so many segments at least: net.ipv4.tcp_min_tso_segs. */
  minTsoSegments: number;
  /**
   * Near peers get larger units: halved each so many doublings of the round trip; net.ipv4.tcp_tso_rtt_log.
   */
  tsoRttLog: number;
  /**
   * A unit may wait for more if it would use less than this part of a window; net.ipv4.tcp_tso_win_divisor.
   */
  tsoWindowDivisor: number;
  /**
   * The pace of a connection, in percent of a window a round trip: net.ipv4.tcp_pacing_ss_ratio, _ca_ratio.
   */
  pacingSlowStartRatio: number;
  pacingAvoidanceRatio: number;
  /**
   * Every connection is paced, not only those whose congestion control or user asks for it. Linux: the fq
   * queue, net.core.default_qdisc.
   */
  pacing: boolean;
  /** RFC 9293 §3.8.6.3: so long an ACK is held back to begin with. Linux: TCP_DELACK_MIN and TCP_ATO_MIN. */
  delayedAck: Duration;
  /** The most that the pauses of the flow can make of it. Linux: TCP_DELACK_MAX. */
  delayedAckMax: Duration;
  /** So many ACKs at the beginning are not held back; 0: they are. Linux: TCP_MAX_QUICKACKS. */
  quickAcks: number;
  /**
   * Duplicate ACKs of a connection with SACK wait so long for each other, or this share of the round trip in
   * percent, or for so many; 0: they do not wait. net.ipv4.tcp_comp_sack_delay_ns, _rtt_percent, _nr.
   */
  sackDelay: Duration;
  sackDelayShare: number;
  sacksTogether: number;
  /** After so many quick replies ACKs wait for the next one to ride on; net.ipv4.tcp_pingpong_thresh. */
  interactiveAfter: number;

  /**
   * Without SYN cookies a listener keeps three quarters of so many half-open connections at most, and never
   * more than its backlog; net.ipv4.tcp_max_syn_backlog.
   */
  synBacklog: number;
  /** RFC 4987 §3.6: 0 never, 1 when the half-open queue is full, 2 always; net.ipv4.tcp_syncookies. */
  synCookies: number;
  /**
   * When a listener closes, those who share its port take over its half-open connections and those that
   * nobody has accepted; net.ipv4.tcp_migrate_req.
   */
  migrateOnClose: boolean;
  /** The largest backlog a listener may ask for; net.core.somaxconn. */
  acceptBacklogLimit: number;
  /** A full accept queue is answered with RST, not with silence; net.ipv4.tcp_abort_on_overflow. */
  abortOnOverflow: boolean;
  /** Ephemeral ports, both ends included; net.ipv4.ip_local_port_range. */
  firstEphemeralPort: number;
  lastEphemeralPort: number;

  /**
   * Fast Open (RFC 7413): bits of `FAST_OPEN`, 1 for clients, 2 for listeners that allow it, and for whom
   * to do without cookies; net.ipv4.tcp_fastopen.
   */
  fastOpen: number;
  /**
   * The key of a server's cookies, 16 bytes, or 32 with the one before it; undefined: drawn by chance.
   * Servers behind one address have to share it; net.ipv4.tcp_fastopen_key.
   */
  fastOpenKey: Uint8Array | undefined;
  /**
   * How long clients do without Fast Open when a middlebox seems to swallow it (RFC 7413 §7.1); 0: they never
   * do; net.ipv4.tcp_fastopen_blackhole_timeout_sec.
   */
  fastOpenBlackholeTimeout: Duration;

  /** 2 MSL. Linux: TCP_TIMEWAIT_LEN, docs/decisions/time-wait.md. */
  timeWait: Duration;
  /**
   * TIME-WAIT records kept at most; beyond them a connection ends without one; net.ipv4.tcp_max_tw_buckets.
   */
  timeWaitLimit: number;
  /**
   * Whether a connection that we open may take the four-tuple of a TIME-WAIT record, whose timestamps tell
   * old segments from new ones: 0 never, 1 yes, 2 on the loopback. net.ipv4.tcp_tw_reuse.
   */
  timeWaitReuse: number;
  /** And how old the record must be; net.ipv4.tcp_tw_reuse_delay. */
  timeWaitReuseDelay: Duration;
  /** A segment in TIME-WAIT with RST set does not end it (RFC 1337); net.ipv4.tcp_rfc1337. */
  rfc1337: boolean;
  /** How long a connection that nobody reads from any more waits in FIN-WAIT-2; net.ipv4.tcp_fin_timeout. */
  finTimeout: Duration;

  /** RFC 9293 §3.8.4: probes of idle connections, off unless asked for (SO_KEEPALIVE). */
  keepalive: boolean;
  /** net.ipv4.tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes. */
  keepaliveTime: Duration;
  keepaliveInterval: Duration;
  keepaliveProbes: number;

  /**
   * RFC 5961 §7: challenge ACKs a second of the whole host, on average; 2³¹ − 1: no limit but those of the
   * connections. net.ipv4.tcp_challenge_ack_limit.
   */
  challengeAckLimit: number;
  /** The least time between two ACKs for out-of-window segments; net.ipv4.tcp_invalid_ratelimit. */
  invalidAckInterval: Duration;
  /** RFC 2385: keys by peer, whose segments are signed both ways (TCP_MD5SIG). */
  signatures: Signatures | undefined;
  /** A connection that has been silent for so long, with nothing under way, is kept as a few numbers. */
  restAfter: Duration;
  /** Every TCB is checked after each event: for tests and the simulator. */
  selfCheck: boolean;
}

export const DEFAULT_TCP_CONFIG: TcpConfig = {
  timestamps: true,
  windowScaling: true,
  sack: true,
  ecn: 2,
  ecnFallback: true,
  duplicateSack: true,
  urgentPointsAtLast: false,
  congestionControl: "cubic",
  congestionControls: {},
  hystart: "classic",
  hystartDetect: 3,
  slowStartAfterIdle: true,
  initialWindow: 10,
  maximumSegment: 0,
  leastMss: 48,
  pathMtuDiscovery: "want",
  confirmPacketTooBig: true,
  mtuProbing: 0,
  baseMss: 1_024,
  mtuProbeFloor: 48,
  mtuProbeInterval: seconds(600),
  mtuProbeThreshold: 8,
  initialRto: seconds(1),
  minRto: milliseconds(200),
  maxRto: seconds(120),
  synRetries: 6,
  synLinearTimeouts: 4,
  synAckRetries: 5,
  retries1: 3,
  retries2: 15,
  orphanRetries: 0,
  orphanLimit: 65_536,
  thinLinearTimeouts: false,
  minRttWindow: seconds(300),
  rack: true,
  rackStaticWindow: false,
  rackWithoutThreshold: false,
  tailLossProbe: true,
  forwardRto: true,
  reordering: 3,
  maxReordering: 300,
  sendBuffer: 16 << 10,
  sendBufferLimit: 4 << 20,
  notSentLowWater: NO_LOW_WATER,
  receiveBuffer: 65_536,
  receiveBufferLimit: 16 << 20,
  receiveBufferFixed: false,
  receiveBufferCeiling: 4 << 20,
  moderateReceiveBuffer: true,
  windowClamp: 0,
  applicationWindow: 31,
  shrinkWindow: false,
  signedWindows: false,
  noDelay: false,
  tsoUnits: true,
  minTsoSegments: 2,
  tsoRttLog: 9,
  tsoWindowDivisor: 3,
  pacingSlowStartRatio: 200,
  pacingAvoidanceRatio: 120,
  pacing: false,
  delayedAck: milliseconds(40),
  delayedAckMax: milliseconds(200),
  quickAcks: 16,
  sackDelay: milliseconds(1),
  sackDelayShare: 33,
  sacksTogether: 44,
  interactiveAfter: 1,
  synBacklog: 1_024,
  synCookies: 1,
  migrateOnClose: false,
  acceptBacklogLimit: 4_096,
  abortOnOverflow: false,
  firstEphemeralPort: 32_768,
  lastEphemeralPort: 60_999,
  fastOpen: 1,
  fastOpenKey: undefined,
  fastOpenBlackholeTimeout: seconds(0),
  timeWait: seconds(60),
  timeWaitLimit: 131_072,
  timeWaitReuse: 2,
  timeWaitReuseDelay: seconds(1),
  rfc1337: false,
  finTimeout: seconds(60),
  keepalive: false,
  keepaliveTime: seconds(7_200),
  keepaliveInterval: seconds(75),
  keepaliveProbes: 9,
  challengeAckLimit: 0x7fff_ffff,
  invalidAckInterval: milliseconds(500),
  signatures: undefined,
  restAfter: milliseconds(20),
  selfCheck: false,
};

/** @throws NetError, EINVAL: no TCP can work with such a setting */
export function tcpConfig(changes: Partial<TcpConfig> = {}): TcpConfig {
  return { ...changedConfig(DEFAULT_TCP_CONFIG, changes) };
}

/** The host's own without differences, so that its later changes count. Throws as `tcpConfig` does. */
export function changedConfig(host: TcpConfig, changes: Partial<TcpConfig> = {}): TcpConfig {
  if (Object.keys(changes).length === 0) return host;
  checkSettings({ ...changes }, { ...DEFAULT_TCP_CONFIG });
  return { ...host, ...changes };
}
