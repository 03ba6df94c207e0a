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
  timeouts = 0;
  fastRecoveries = 0;
  tailLossProbes = 0;
  windowProbes = 0;
  keepaliveProbes = 0;
  delayedAcks = 0;
  pawsRejected = 0;
  listenOverflows = 0;
  listenDrops = 0;
  timeWaits = 0;
}
