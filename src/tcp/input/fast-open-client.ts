/**
 * What happens to a connection that was opened with Fast Open (RFC 7413), at the client: the answer to its
 * SYN (§4.2.2), and the signs of a middlebox that swallows it (§7.1), which are Linux's:
 * docs/decisions/fast-open.md.
 */
import { seqAdd, seqBefore } from "../../base/seq.ts";
import type { FastOpenAttempt } from "../handshake/fast-open/client-attempt.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { resendWithoutReduction } from "./reduction.ts";

/** The third timeout in a row is no accident. */
const SUSPICIOUS_TIMEOUTS = 3;

/**
 * The SYN-ACK has been processed. What it says is remembered; text that it does not acknowledge goes out
 * again at once, now as an ordinary segment: nothing was lost, the server did not take it.
 */
export function fastOpenAnswered(c: TcpConnection, segment: Segment): void {
  const attempt = attemptOf(c);
  if (attempt === undefined || !attempt.isFastOpen) return;
  const textEnd = seqAdd(c.tcb.iss, 1 + attempt.textLength);
  const isLeft = attempt.textLength > 0 && seqBefore(c.tcb.snd.una, textEnd);
  remember(c, attempt, segment);
  if (attempt.textLength === 0) return;
  const { context } = c.owner;
  const { counters } = context;
  if (!isLeft) {
    attempt.tookText = true;
    c.deliveryRate.joined();
    counters.fastOpenActives++;
    return;
  }
  attempt.failure = c.tally.retransmissions.syn > 0 ? "syn-retransmitted" : "text-not-acknowledged";
  counters.fastOpenActiveFails++;
  for (let record = c.queue.first; record !== undefined; record = record.next) {
    if (c.queue.markLost(record)) context.probe?.lost?.(c, record.start, record.end, "size");
  }
  resendWithoutReduction(c);
}

function remember(c: TcpConnection, attempt: FastOpenAttempt, segment: Segment): void {
  const { options } = segment;
  // A cookie that nobody asked for may be anybody's.
  const cookie = attempt.wasShown ? options.fastOpen : undefined;
  const mayBeUnknown =
    attempt.wasShown && cookie === undefined && attempt.textLength === 0 && c.tally.retransmissions.syn === 0;
  c.owner.fastOpen.cookies.answered(c.local, c.remote, {
    mss: Math.max(0, options.mss),
    cookie,
    isExperimental: options.fastOpenExperimental,
    unanswered: mayBeUnknown ? (attempt.isExperimental ? "experimental" : "standard") : undefined,
  });
}

/** The retransmission timer has run out, for the `count`th time in a row, or for the last time. */
export function fastOpenTimedOut(c: TcpConnection, count: number, isLast: boolean): void {
  if (!attemptOf(c)?.isFastOpen) return;
  if (count === SUSPICIOUS_TIMEOUTS || (isLast && count < SUSPICIOUS_TIMEOUTS)) suspectBlackhole(c);
}

/** An RST has come that is not at RCV.NXT: what was sent before it may have been swallowed. */
export function fastOpenResetOutOfOrder(c: TcpConnection): void {
  const attempt = attemptOf(c);
  if (attempt?.wasShown && c.tally.bytesReceived === 0 && c.state === "ESTABLISHED") suspectBlackhole(c);
}

/**
 * The connection is over: all that ever came was a FIN behind a hole; or text, so that there is no
 * blackhole.
 */
export function fastOpenEnded(c: TcpConnection): void {
  const attempt = attemptOf(c);
  if (!attempt?.wasShown) return;
  const { blackhole } = c.owner.fastOpen;
  if (c.tally.bytesReceived > 0) {
    if (attempt.isProbe && !c.path.isLoopback) blackhole.refuted();
  } else if (c.finAt !== undefined && !c.receiveClosed && c.receiveBuffer.outOfOrder.count === 0) {
    suspectBlackhole(c);
  }
}

function suspectBlackhole(c: TcpConnection): void {
  const { context, fastOpen } = c.owner;
  if (context.config.fastOpenBlackholeTimeout === 0) return;
  fastOpen.blackhole.suspected(c.now);
  context.counters.fastOpenBlackholes++;
}

function attemptOf({ fastOpen }: TcpConnection): FastOpenAttempt | undefined {
  return fastOpen?.role === "client" ? fastOpen : undefined;
}
