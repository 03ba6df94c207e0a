/** Why an ACK was due and not sent: its connection, or its record, had sent one lately. */
export type SkippedAck =
  | "skippedSynReceived"
  | "skippedPaws"
  | "skippedSequence"
  | "skippedTimeWait"
  | "skippedChallenge";

/** What TCP counts, for a whole host. The names follow RFC 4022 (TCP-MIB) and Linux's TcpExt. */
export class TcpCounters {
  activeOpens = 0;
  passiveOpens = 0;
  /** Connections that went from SYN-SENT or SYN-RECEIVED back to CLOSED or LISTEN. */
  attemptFails = 0;
  /** Connections that went from ESTABLISHED or CLOSE-WAIT straight to CLOSED. */
  establishedResets = 0;
  segmentsIn = 0;
  segmentsOut = 0;
  segmentsRetransmitted = 0;
  segmentErrors = 0;
  resetsOut = 0;
  challengeAcks = 0;
  /** SYNs on synchronized connections: RFC 5961 §4. */
  synChallenges = 0;
  /** Answers to segments that do not fit which net.ipv4.tcp_invalid_ratelimit has prevented. */
  skippedSynReceived = 0;
  skippedPaws = 0;
  skippedSequence = 0;
  skippedTimeWait = 0;
  skippedChallenge = 0;
  /** Segments of a handshake whose timestamp echoes what we have not sent. */
  echoesRejected = 0;
  timeouts = 0;
  fastRecoveries = 0;
  tailLossProbes = 0;
  tailLossProbeRecoveries = 0;
  /** Retransmissions that were lost again. */
  lostRetransmissions = 0;
  /** Reductions that were taken back: at the end of recovery, in it, by D-SACK, after a timeout. */
  fullUndos = 0;
  partialUndos = 0;
  duplicateUndos = 0;
  lossUndos = 0;
  /** By F-RTO. */
  spuriousTimeouts = 0;
  /** Segments that were overtaken; D-SACKs; reports that the peer took back. */
  reorderings = 0;
  duplicateReports = 0;
  sackReneges = 0;
  windowProbes = 0;
  keepaliveProbes = 0;
  /** Probes for larger packets, and what became of them: RFC 4821. */
  mtuProbes = 0;
  mtuProbesArrived = 0;
  mtuProbesLost = 0;
  delayedAcks = 0;
  /** Duplicate ACKs that were saved, as one went out for several. */
  acksCompressed = 0;
  pawsRejected = 0;
  /** Overtaken bare ACKs that PAWS dropped without an answer. */
  pawsOldAcks = 0;
  /** SYNs and third ACKs that found an accept queue full. */
  /** How often our window was told as closed, and as open again: TCPToZeroWindowAdv, TCPFromZeroWindowAdv. */
  windowsClosed = 0;
  windowsOpened = 0;
  listenOverflows = 0;
  /** SYNs and third ACKs that a listener dropped, for this reason or another. */
  listenDrops = 0;
  /** Half-open queues that were full: the SYN was answered with a cookie, or dropped. */
  synQueueFullCookies = 0;
  synQueueFullDrops = 0;
  synCookiesSent = 0;
  /** RFC 2385: segments dropped without a signature, with one that nobody asked for, with a wrong one. */
  md5Missing = 0;
  md5Unexpected = 0;
  md5Wrong = 0;
  synCookiesReceived = 0;
  synCookiesFailed = 0;
  /** Half-open connections that RST has ended. */
  embryonicResets = 0;
  /** Third ACKs that TCP_DEFER_ACCEPT ignored. */
  deferredAccepts = 0;
  timeWaits = 0;
  // RFC 7413, by Linux's names without their TCPFastOpen
  fastOpenActives = 0;
  fastOpenActiveFails = 0;
  fastOpenPassives = 0;
  fastOpenPassiveFails = 0;
  fastOpenListenOverflows = 0;
  fastOpenCookieRequests = 0;
  fastOpenBlackholes = 0;
  fastOpenPassiveAlternateKeys = 0;
}
