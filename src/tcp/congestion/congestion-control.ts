/**
 * What a congestion control is: values in, three numbers out. It knows no connection. `loss/` decides which
 * bytes are lost and when recovery runs; a congestion control decides how much may be in flight.
 *
 * Windows and counts are in bytes, but in whole segments: one with little text counts as a full one, as on
 * Linux, whose windows are numbers of packets. docs/decisions/whole-segments.md
 */
import type { Random } from "../../base/random.ts";
import { type Seq, seq } from "../../base/seq.ts";
import { type Duration, type Instant, START_OF_TIME } from "../../base/time.ts";

/**
 * What one acknowledgment told; one object a connection, refilled. After Linux's rate_sample, and
 * draft-ietf-ccwg-bbr §4.1.
 */
export class AckSample {
  now: Instant = START_OF_TIME;
  /** SND.UNA after this acknowledgment, and SND.NXT. */
  una: Seq = seq(0);
  nxt: Seq = seq(0);
  /** Newly delivered: acknowledged, and not reported by SACK before. */
  ackedBytes = 0;
  /** Held for lost because of this acknowledgment. */
  lostBytes = 0;
  /** In flight after this acknowledgment, and before. */
  inFlight = 0;
  priorInFlight = 0;
  /** Of the segment sent last among those delivered; 0: no sample. */
  rtt = 0 as Duration;
  minRtt = 0 as Duration;
  /** Delivered since the connection began, and when the newest delivered segment was sent. */
  delivered = 0;
  priorDelivered = 0;
  /** Bytes a second; 0: not measured. */
  deliveryRate = 0;
  /** What was delivered in the time that `deliveryRate` was measured over; 0: nothing is newly delivered. */
  intervalDelivered = 0;
  /** The user had too little to send for this to say what the path can carry. */
  appLimited = false;
  /** A round trip has passed since this was last true: everything sent then has been delivered. */
  roundStart = false;
  /** In flight just after the newest delivered segment was sent, and what was lost since. */
  sentInFlight = 0;
  lostSinceSent = 0;
  /** The window, not the user or the peer, held back the last flight: RFC 7661, RFC 9293 §3.8.2. */
  cwndLimited = false;
  ceBytes = 0;
  /** Losses are being repaired. */
  inRecovery = false;
  /** Segments leave at a pace, not in bursts. */
  isPaced = false;
  /** The peer reports what it has: more than one loss of a round trip can be seen. */
  hasSack = false;

  /** Before the first part of an acknowledgment. */
  begin(now: Instant, inFlight: number): void {
    this.now = now;
    this.priorInFlight = inFlight;
    this.ackedBytes = 0;
    this.lostBytes = 0;
    this.rtt = 0 as Duration;
    this.ceBytes = 0;
  }
}

/** A segment that is held for lost from now on. One object a connection, refilled. */
export class LostSegment {
  now: Instant = START_OF_TIME;
  /** In flight just after it was sent, it included; and what was lost since, it included. */
  sentInFlight = 0;
  lostSinceSent = 0;
  appLimited = false;
  /** Delivered since the connection began. */
  delivered = 0;
  inRecovery = false;
  hasSack = false;
}

/** What a control that has a model of the path knows of it: TCP_CC_INFO. */
export interface ModelInfo {
  /** Bytes a second. */
  readonly bandwidth: number;
  readonly minRtt: Duration | undefined;
  readonly pacingGain: number;
  readonly cwndGain: number;
}

export interface CongestionControl {
  readonly name: string;
  readonly cwnd: number;
  readonly ssthresh: number;
  /** Bytes a second; 0: not paced. */
  readonly pacingRate: number;
  /**
   * True: it hears every acknowledgment, and answers losses itself. False: while losses are repaired,
   * somebody else has its window.
   */
  readonly ownsRecovery: boolean;
  readonly model?: ModelInfo;
  onAck(sample: AckSample): void;
  /** Before the acknowledgment that told of it. */
  onLost?(lost: LostSegment): void;
  onCongestion(signal: "loss" | "ecn", sample: AckSample): void;
  /** What may be in flight during recovery: RFC 6937. */
  limitTo(cwnd: number): void;
  onRecovered(sample: AckSample): void;
  /**
   * @param isFirst Not a further timeout of a flight that has been held for lost already.
   * @param inFlight What is still held to be in flight.
   */
  onTimeout(isFirst: boolean, inFlight: number, now: Instant): void;
  /** The last reduction was for nothing: RFC 5682, RFC 4015. */
  onSpurious(): void;
  /** Something goes out after nothing was in flight; nothing was sent since `lastSentAt`. */
  onTransmissionStart(now: Instant, lastSentAt: Instant, appLimited: boolean): void;
  /** What the window says is old by now: RFC 5681 §4.1. */
  onIdleRestart(idle: Duration, rto: Duration): void;
  /** For a retransmission timeout no more than `used` was in flight: RFC 7661. */
  onUnderused(used: number): void;
  /** The largest segment changed: path MTU discovery. */
  onSegmentSize(mss: number): void;
}

export interface CongestionParameters {
  /** The largest text of a segment, in bytes. */
  readonly mss: number;
  /** What a connection begins with, and goes back to when its window is old; in bytes. */
  readonly initialWindow: number;
  /** The window and threshold of the control before, in the middle of a connection; else the initial ones. */
  readonly cwnd: number;
  readonly ssthresh: number;
  /** 0: not measured yet. */
  readonly srtt: Duration;
  readonly now: Instant;
  readonly random: Random;
  readonly settings: CongestionSettings;
}

/** The knobs of congestion controls in TcpConfig. */
export interface CongestionSettings {
  readonly hystart: "classic" | "plus-plus" | "off";
  readonly hystartDetect: number;
}

export type CongestionControlFactory = (parameters: CongestionParameters) => CongestionControl;
