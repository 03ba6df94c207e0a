/**
 * Half-open connections: SYN-RECEIVED after a passive open is a dozen numbers, not a connection;
 * so SYN-RECEIVED knows where it came from (RFC 9293 §3.5, MUST-11). RFC 4987
 * §3.1, §3.5.
 */
import { type Seq, seq, seqAdd } from "../../base/seq.ts";
import { type Instant, NEVER, START_OF_TIME } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { DemuxEntry } from "../demux.ts";
import type { Signatures } from "../md5-signatures.ts";
import type { NetPath } from "../tcp-context.ts";
import type { Listener } from "./listener.ts";
import type { Offer } from "./negotiate.ts";

export class SynEntry implements DemuxEntry {
  readonly kind = "syn-received";
  /** Another one of those that share its port, once it is closed. */
  listener: Listener;
  path: NetPath;
  localPort: number;
  remotePort: number;
  iss: Seq = seq(0);
  irs: Seq = seq(0);
  /** SEG.WND of the SYN: never scaled. */
  window = 0;
  /** What we offered in the SYN-ACK, and the peer in its SYN. */
  ours: Offer;
  theirs: Offer;
  /** TSval of the latest segment, to be echoed. */
  timestamp = 0;
  timestampOffset = 0;
  /** SYN-ACKs sent again, for whatever reason, and how often its timer ran out. */
  retransmissions = 0;
  timeouts = 0;
  /** The ACK of our SYN has come, too early: it waits for text, or for room in the accept queue. */
  isAcknowledged = false;
  sentAt: Instant = START_OF_TIME;
  /** The headers of the SYN: TCP_SAVE_SYN. */
  savedSyn: Uint8Array | undefined = undefined;
  /** When a segment that does not fit was last answered. */
  answeredAt = Number.NEGATIVE_INFINITY as Instant;
  deadline: Instant = NEVER;
  timerAt: Instant = NEVER;
  timerSlot = -1;

  constructor(
    listener: Listener,
    path: NetPath,
    localPort: number,
    remotePort: number,
    ours: Offer,
    theirs: Offer,
  ) {
    this.listener = listener;
    this.path = path;
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.ours = ours;
    this.theirs = theirs;
  }

  /** Becomes that of another SYN: for who answers with cookies, and keeps none of them. */
  restate(
    listener: Listener,
    path: NetPath,
    localPort: number,
    remotePort: number,
    ours: Offer,
    theirs: Offer,
  ): void {
    this.listener = listener;
    this.path = path;
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.ours = ours;
    this.theirs = theirs;
  }

  get local(): IpAddress {
    return this.path.local;
  }

  get remote(): IpAddress {
    return this.path.remote;
  }

  /** RFC 2385: the keys of its user. */
  get signatures(): Signatures | undefined {
    return this.listener.config.signatures;
  }

  /** RCV.NXT: the SYN is all that has arrived. */
  get rcvNxt(): Seq {
    return seqAdd(this.irs, 1);
  }

  /** SND.NXT: the SYN-ACK is all that was sent. */
  get sndNxt(): Seq {
    return seqAdd(this.iss, 1);
  }
}
