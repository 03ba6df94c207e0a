/**
 * ICMP errors as the user of a TCP socket sees them who asked for them (IP_RECVERR, IPV6_RECVERR): Linux's
 * tcp_v4_err. An attempt to connect that they end leaves one on the error queue; a connection goes on, and
 * the error is pending.
 */
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { icmpOrigin } from "./error-queue.ts";
import type { TcpSocket } from "./tcp-socket.ts";

export function takeIcmpError(socket: TcpSocket, connection: TcpConnection): void {
  const error = connection.reportedError;
  if (error === undefined) return;
  connection.reportedError = undefined;
  socket.pendingError = error.code;
  if (!connection.isOver) return;
  socket.errors.push({
    errno: error.code,
    origin: icmpOrigin(error.reporter.family),
    type: error.type,
    code: error.icmpCode,
    info: error.mtu,
    data: 0,
    payload: error.quote,
    destination: { address: connection.remote, port: connection.remotePort },
    offender: { address: error.reporter, port: 0 },
    timestamp: undefined,
  });
}
