/**
 * RST: RFC 9293 §3.10.7.4, second step, with RFC 5961 §3.2: only one at exactly RCV.NXT is believed at once;
 * one elsewhere in the window is challenged.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { ErrorCode } from "../../base/errors.ts";
import type { Segment } from "../segment.ts";
import type { TcpState } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { challenge } from "./challenge-ack.ts";

export function resetArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  if (segment.seq !== c.tcb.rcv.nxt) {
    challenge(c);
    return "tcp-bad-reset";
  }
  c.end(meaningIn(c.state));
  return undefined;
}

/** What the user hears, as on Linux. */
function meaningIn(state: TcpState): ErrorCode | undefined {
  switch (state) {
    case "SYN-RECEIVED":
      return "ECONNREFUSED";
    case "CLOSE-WAIT":
      return "EPIPE";
    case "CLOSING":
    case "LAST-ACK":
    case "TIME-WAIT":
      return undefined;
    default:
      return "ECONNRESET";
  }
}
