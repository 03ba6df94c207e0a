/**
 * The send window: RFC 9293 §3.10.7.4, fifth step: only a newer segment may change it, and it may shrink
 * (§3.8.6, MUST-34). It is unsigned (§3.1, MUST-1) and has 32 bits (REC-1), RFC 7323 §2.3 scales it.
 */
import { seqAfter, seqAtOrAfter, seqBefore } from "../../base/seq.ts";
import { NEVER } from "../../base/time.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function windowArrives(c: TcpConnection, segment: Segment): void {
  const { snd } = c.tcb;
  c.persist.answered();
  const newer =
    seqBefore(snd.wl1, segment.seq) || (snd.wl1 === segment.seq && seqAtOrAfter(segment.ack, snd.wl2));
  // Closed by a forged segment with a number far ahead, it would stay closed for ever: who opens it is
  // believed.
  const opens = snd.wnd === 0 && segment.window > 0;
  if (!newer && !opens && !seqAfter(segment.ack, snd.wl2)) return;
  const window = segment.windowIn(snd.wscale);
  snd.wl1 = segment.seq;
  snd.wl2 = segment.ack;
  if (window === snd.wnd) return;
  // The next override timeout (RFC 9293 §3.8.6.2.1) is a short one again.
  if (snd.wnd === 0) c.timers.persist = NEVER;
  snd.wnd = window;
  if (window > snd.maxWnd) snd.maxWnd = window;
  if (window > 0) c.persist.opened();
}
