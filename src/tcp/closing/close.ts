/** CLOSE: RFC 9293 §3.10.4. Nothing more to send; what the peer sends is still received. */
import type { TcpConnection } from "../tcp-connection.ts";
import { enterClosed } from "./end.ts";

export function close(c: TcpConnection): void {
  if (c.sendClosed || c.isOver) return;
  c.sendClosed = true;
  switch (c.state) {
    case "SYN-SENT":
      enterClosed(c, undefined, "CLOSE");
      return;
    case "SYN-RECEIVED":
      // With text waiting, the close is carried out once ESTABLISHED; but for a Fast Open request, whose
      // text does not wait.
      if (c.sendBuffer.length === 0 || c.isFastOpenRequest) c.moveTo("FIN-WAIT-1", "CLOSE, FIN sent");
      break;
    case "ESTABLISHED":
      c.moveTo("FIN-WAIT-1", "CLOSE, FIN sent");
      break;
    case "CLOSE-WAIT":
      c.moveTo("LAST-ACK", "CLOSE, FIN sent");
      break;
    default:
      return;
  }
  c.owner.pumpLater(c);
}
