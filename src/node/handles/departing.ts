/**
 * Connections that outlive their program. The kernel goes on to send what a process has left behind; a stack
 * within the process has to keep that alive, until the peer has acknowledged everything and the FIN, or is
 * taken for gone. On a loopback the peer ends along with the process.
 */
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { Hold, type Lifetime } from "./lifetime.ts";

/** Nobody wants to wait longer for a program to end, in ms. */
const PATIENCE = 5_000;

/** The handle of the connection is closed: the process lives until its peer knows. */
export function seeOff(connection: TcpConnection, lifetime: Lifetime): void {
  if (connection.path.isLoopback || isDone(connection)) return;
  const hold = new Hold(lifetime);
  const impatience = setTimeout(() => hold.set(false), PATIENCE).unref();
  hold.set(true);
  // The acknowledgment of everything is told to who waits for room.
  connection.wantsWritable = true;
  connection.observe({
    connectionEvent: () => {
      connection.wantsWritable = true;
      if (!isDone(connection)) return;
      clearTimeout(impatience);
      hold.set(false);
    },
  });
}

function isDone(connection: TcpConnection): boolean {
  return connection.isOver || connection.finAcknowledged;
}
