/**
 * The ioctls of TCP sockets: Linux's tcp_ioctl. SIOCATMARK tells of urgent data (RFC 9293 §3.8.5, MUST-33).
 */
import { seqDiff } from "../../base/seq.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCOUTQNSD, SOL_SOCKET } from "./constants.ts";
import type { IntReference } from "./file.ts";
import { SO_OOBINLINE } from "./option-names.ts";
import { fail, OK, type SysResult } from "./sys-result.ts";
import type { TcpSocket } from "./tcp-socket.ts";

export function tcpIoctl(socket: TcpSocket, request: number, argument: IntReference | null): SysResult {
  const value = answerTo(socket, request);
  if (value === undefined) return fail("ENOTTY");
  if (value === "EINVAL") return fail("EINVAL");
  if (argument === null) return fail("EFAULT");
  argument.value = value;
  return OK;
}

function answerTo(socket: TcpSocket, request: number): number | "EINVAL" | undefined {
  const { connection, state, urgent } = socket;
  const isOpening = state === "SYN-SENT" || state === "SYN-RECEIVED";
  switch (request) {
    case SIOCINQ:
      if (state === "LISTEN") return "EINVAL";
      return connection === undefined || isOpening ? 0 : readableUntilMark(socket);
    case SIOCATMARK:
      return urgent?.distance === 0 ? 1 : 0;
    case SIOCOUTQ:
      if (state === "LISTEN") return "EINVAL";
      if (connection === undefined || isOpening || state === "CLOSED") return 0;
      return connection.sendBuffer.length + (connection.sendClosed && !connection.finAcknowledged ? 1 : 0);
    case SIOCOUTQNSD:
      if (state === "LISTEN") return "EINVAL";
      if (connection === undefined || isOpening || state === "CLOSED") return 0;
      return connection.finSent ? 0 : unsentWithFin(connection);
    default:
      return undefined;
  }
}

/** A FIN that waits behind the text counts as one byte. */
function unsentWithFin({ sendBuffer, tcb, sendClosed }: TcpConnection): number {
  return Math.max(0, seqDiff(sendBuffer.end, tcb.snd.nxt)) + (sendClosed ? 1 : 0);
}

/** Bytes that can be read, at most up to the urgent one. */
function readableUntilMark({ connection, urgent, options }: TcpSocket): number {
  const readable = connection?.readable ?? 0;
  const distance = urgent?.distance;
  if (distance === undefined || distance >= readable || options.isSet(SOL_SOCKET, SO_OOBINLINE))
    return readable;
  return distance;
}
