/**
 * The transmission control block: RFC 9293 §3.3.1.
 *
 *   snd:   1         2          3          4            rcv:   1          2          3
 *     ----------|----------|----------|----------       ----------|----------|----------
 *            SND.UNA    SND.NXT    SND.UNA                    RCV.NXT    RCV.NXT
 *                                 +SND.WND                              +RCV.WND
 *
 * There is no rolling back of SND.NXT: what must go out again is marked in the retransmission queue's
 * records.
 */
import { type Seq, seq } from "../base/seq.ts";
import type { TcpState } from "./states.ts";

export class Tcb {
  state: TcpState = "CLOSED";
  iss: Seq = seq(0);
  irs: Seq = seq(0);

  readonly snd = {
    /** The oldest unacknowledged sequence number. */
    una: seq(0),
    /** The next to be sent. */
    nxt: seq(0),
    /** The peer's window, in bytes, unscaled. */
    wnd: 0,
    /** The largest window the peer ever offered: RFC 9293 §3.8.6.2.1, RFC 5961 §5.2. */
    maxWnd: 0,
    /** The segment that last updated the window: its sequence and its acknowledgment number. */
    wl1: seq(0),
    wl2: seq(0),
    /** The octet following the urgent data (RFC 6093); SND.UNA when there is none. */
    up: seq(0),
    /** The largest text of a segment without options, in bytes: RFC 9293 §3.7.1. */
    mss: 536,
    wscale: 0,
  };

  readonly rcv = {
    /** The next expected. */
    nxt: seq(0),
    /** The right edge that we advertised: RCV.NXT + RCV.WND. It never moves left. */
    adv: seq(0),
    /** The octet following the peer's urgent data; behind what was read when there is none. */
    up: seq(0),
    wscale: 0,
  };

  /** RCV.WND: what the peer may still send, in bytes. */
  get receiveWindow(): number {
    return Math.max(0, (this.rcv.adv - this.rcv.nxt) | 0);
  }

  /** What we have sent and the peer has not acknowledged: sequence numbers, SYN and FIN included. */
  get outstanding(): number {
    return (this.snd.nxt - this.snd.una) | 0;
  }
}
