/**
 * RST: RFC 9293 §3.10.7.4, second step, with RFC 5961 §3.2: only one at exactly RCV.NXT is believed at once;
 * one elsewhere in the window is challenged. Text in it does not matter (RFC 9293 §3.5.3, SHLD-2). Two more
 * numbers are as good as exact, as on Linux: docs/decisions/reset-numbers.md.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { seqAdd } from "../../base/seq.ts";
import { enterClosed } from "../closing/end.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { challenge } from "./challenge-ack.ts";
import { fastOpenResetOutOfOrder } from "./fast-open-client.ts";

export function resetArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  if (segment.seq !== c.tcb.rcv.nxt && !isResetAtFin(c, segment) && !isAtLastHole(c, segment)) {
    fastOpenResetOutOfOrder(c);
    challenge(c);
    return "tcp-bad-reset";
  }
  if (c.fastOpen?.role === "server") c.fastOpen.wasReset(c.now);
  enterClosed(c, meaningFor(c), "RST received");
  return undefined;
}

/** The number of the peer's FIN: it closed, and then its process died. */
export function isResetAtFin(c: TcpConnection, segment: Segment): boolean {
  return c.receiveClosed && segment.isRst && segment.seq === seqAdd(c.tcb.rcv.nxt, -1);
}

/**
 * The end of the last text (or FIN) that came, with holes before it: the peer counts what was lost, and so do
 * we.
 */
function isAtLastHole(c: TcpConnection, segment: Segment): boolean {
  if (!c.usesSack) return false;
  if (c.finAt !== undefined) return segment.seq === seqAdd(c.finAt, 1);
  const { outOfOrder } = c.receiveBuffer;
  return outOfOrder.count > 0 && segment.seq === outOfOrder.end(outOfOrder.count - 1);
}

/** What the user hears, as on Linux. */
function meaningFor(c: TcpConnection): ErrorCode | undefined {
  switch (c.state) {
    case "SYN-RECEIVED":
      // A Fast Open request is an open connection for its user.
      return c.fastOpen?.role === "server" ? "ECONNRESET" : "ECONNREFUSED";
    case "CLOSE-WAIT":
      return "EPIPE";
    case "TIME-WAIT":
      return undefined;
    default:
      return "ECONNRESET";
  }
}
