/** What a connection has done so far, in numbers: for its user, and for TCP_INFO. */
import { numberAt, type Row } from "../base/fold.ts";

/** Retransmissions by what made us believe that a segment was lost. */
export class RetransmissionCounts {
  syn = 0;
  timeout = 0;
  fast = 0;
  rack = 0;
  tlp = 0;
  /** It was too long for the path, or not taken with the SYN. */
  size = 0;

  fold(row: Row, at: number): number {
    row[at] = this.syn;
    row[at + 1] = this.timeout;
    row[at + 2] = this.fast;
    row[at + 3] = this.rack;
    row[at + 4] = this.tlp;
    row[at + 5] = this.size;
    return at + 6;
  }

  unfold(row: Row, at: number): number {
    this.syn = numberAt(row, at);
    this.timeout = numberAt(row, at + 1);
    this.fast = numberAt(row, at + 2);
    this.rack = numberAt(row, at + 3);
    this.tlp = numberAt(row, at + 4);
    this.size = numberAt(row, at + 5);
    return at + 6;
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

  fold(row: Row, at: number): number {
    row[at] = this.bytesSent;
    row[at + 1] = this.bytesAcked;
    row[at + 2] = this.bytesReceived;
    row[at + 3] = this.segmentsOut;
    row[at + 4] = this.segmentsIn;
    row[at + 5] = this.textSegmentsOut;
    row[at + 6] = this.textSegmentsIn;
    row[at + 7] = this.bytesRetransmitted;
    row[at + 8] = this.outOfOrderSegments;
    row[at + 9] = this.duplicateSegments;
    row[at + 10] = this.windowProbes;
    row[at + 11] = this.needlessSegments;
    return this.retransmissions.fold(row, at + 12);
  }

  unfold(row: Row, at: number): number {
    this.bytesSent = numberAt(row, at);
    this.bytesAcked = numberAt(row, at + 1);
    this.bytesReceived = numberAt(row, at + 2);
    this.segmentsOut = numberAt(row, at + 3);
    this.segmentsIn = numberAt(row, at + 4);
    this.textSegmentsOut = numberAt(row, at + 5);
    this.textSegmentsIn = numberAt(row, at + 6);
    this.bytesRetransmitted = numberAt(row, at + 7);
    this.outOfOrderSegments = numberAt(row, at + 8);
    this.duplicateSegments = numberAt(row, at + 9);
    this.windowProbes = numberAt(row, at + 10);
    this.needlessSegments = numberAt(row, at + 11);
    return this.retransmissions.unfold(row, at + 12);
  }
}
