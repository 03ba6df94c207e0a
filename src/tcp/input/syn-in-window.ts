/**
 * SYN on a synchronized connection: RFC 9293 §3.10.7.4, fourth step, with RFC 5961 §4.2: it is never
 * believed, only challenged; a peer that really restarted answers the challenge with RST.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAdd } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { challenge, mayAnswer } from "./challenge-ack.ts";

export function synInWindow(c: TcpConnection): DropReason {
  c.owner.context.counters.synChallenges++;
  challenge(c);
  return "tcp-syn-in-window";
}

/**
 * RFC 9293 figure 7, line 6: in a simultaneous open the peer's SYN comes again, now with the ACK that we
 * need.
 */
export function isSimultaneousSynAck(c: TcpConnection, segment: Segment): boolean {
  return (
    c.state === "SYN-RECEIVED" &&
    segment.isSyn &&
    segment.isAck &&
    !segment.isRst &&
    segment.seq === c.tcb.irs &&
    segment.ack === c.tcb.snd.nxt
  );
}

/** What counts in it is the ACK. The SYN has come twice, and as all that has is acknowledged once more. */
export function repeatedWithAck(c: TcpConnection, segment: Segment): void {
  segment.trimFront(1);
  // RFC 2883 §4
  if (c.usesSack) c.sackReports.duplicateArrived(c.tcb.irs, seqAdd(c.tcb.irs, 1));
  c.delayedAck.atOnce();
}

/** The SYN of a Fast Open request comes again: our SYN-ACK was lost, or is late. */
export function isRepeatedSyn(c: TcpConnection, segment: Segment): boolean {
  return (
    c.isFastOpenRequest && segment.isSyn && !segment.isAck && !segment.isRst && segment.seq === c.tcb.irs
  );
}

/** The same SYN-ACK again, with the echo of RFC 7323 §4.3; not oftener than other answers. */
export function repeatedSyn(c: TcpConnection, segment: Segment): DropReason | undefined {
  if (!mayAnswer(c, "skippedSynReceived")) return "tcp-out-of-window";
  if (c.timestamps.enabled) c.timestamps.received(segment.options.timestampValue, c.now);
  c.synAckDue = true;
  return undefined;
}
