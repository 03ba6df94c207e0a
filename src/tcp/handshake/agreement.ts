/** What both SYNs agreed on takes effect: RFC 9293 §3.7.1, RFC 7323 §2.2 and §3.2, RFC 3168 §6.1.1. */
import { newCongestionControl } from "../congestion-choice.ts";
import { beginProbing } from "../input/packet-too-big.ts";
import { beginReceiving } from "../receiving.ts";
import { effectiveMss } from "../segment-sizes.ts";
import { Ecn } from "../send/ecn.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { Agreement } from "./negotiate.ts";

export function agreed(c: TcpConnection, agreement: Agreement): void {
  c.agreement = c.owner.terms.agreement(agreement);
  c.tcb.snd.wscale = agreement.sendScale;
  c.tcb.rcv.wscale = agreement.receiveScale;
  c.timestamps.enabled = agreement.timestamps;
  if (agreement.ecn) c.ecn = new Ecn();
  if (c.config.mtuProbing > 1) c.probing = beginProbing(c);
  c.tcb.snd.mss = effectiveMss(c);
  c.congestion = newCongestionControl(c, c.congestion.name);
  beginReceiving(c);
}
