/** What a connection has done so far, in numbers: for its user, and for TCP_INFO. */
import type { Fold } from "../base/fold.ts";

/** Retransmissions by what made us believe that a segment was lost. */
export class RetransmissionCounts {
  syn = 0;
  timeout = 0;
  fast = 0;
  rack = 0;
  tlp = 0;
  /** It was too long for the path, or not taken with the SYN. */
  size = 0;

  fold(fold: Fold): void {
    this.syn = fold.number(this.syn, 0);
    this.timeout = fold.number(this.timeout, 0);
    this.fast = fold.number(this.fast, 0);
    this.rack = fold.number(this.rack, 0);
    this.tlp = fold.number(this.tlp, 0);
    this.size = fold.number(this.size, 0);
  }
}

export class Tally {
  bytesSent = 0;
  bytesAcked = 0;
  bytesReceived = 0;
  segmentsOut = 0;
  segmentsIn = 0;
  /** Of these, with text. */
  textSegmentsOut = 0;
  textSegmentsIn = 0;
  bytesRetransmitted = 0;
  outOfOrderSegments = 0;
  duplicateSegments = 0;
  windowProbes = 0;
  /** Segments that the peer reports to have got twice. */
  needlessSegments = 0;
  readonly retransmissions = new RetransmissionCounts();

  fold(fold: Fold): void {
    this.bytesSent = fold.number(this.bytesSent, 0);
    this.bytesAcked = fold.number(this.bytesAcked, 0);
    this.bytesReceived = fold.number(this.bytesReceived, 0);
    this.segmentsOut = fold.number(this.segmentsOut, 0);
    this.segmentsIn = fold.number(this.segmentsIn, 0);
    this.textSegmentsOut = fold.number(this.textSegmentsOut, 0);
    this.textSegmentsIn = fold.number(this.textSegmentsIn, 0);
    this.bytesRetransmitted = fold.number(this.bytesRetransmitted, 0);
    this.outOfOrderSegments = fold.number(this.outOfOrderSegments, 0);
    this.duplicateSegments = fold.number(this.duplicateSegments, 0);
    this.windowProbes = fold.number(this.windowProbes, 0);
    this.needlessSegments = fold.number(this.needlessSegments, 0);
    this.retransmissions.fold(fold);
  }
}
