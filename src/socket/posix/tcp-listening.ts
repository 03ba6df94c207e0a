/**
 * Listening sockets: what `listen` makes of a socket's options, Linux's inet_csk_listen_start. Sockets that
 * share an address and a port by SO_REUSEPORT have a listener each.
 */
import { NetError } from "../../base/errors.ts";
import type { Listener } from "../../tcp/handshake/listener.ts";
import { SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { TCP_DEFER_ACCEPT, TCP_SAVE_SYN } from "./option-names.ts";
import { fail, OK, type SysResult } from "./sys-result.ts";
import { admitFastOpen, keepFastOpenLimit } from "./tcp-fast-open.ts";
import { configFor } from "./tcp-knobs.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** A socket that is not bound draws a port; one that listens already only has another backlog. */
export function listenTcp(socket: TcpSocket, backlog: number): SysResult {
  const { acceptBacklogLimit: most } = socket.config;
  const wanted = backlog < 0 || backlog > most ? most : backlog;
  if (socket.phase !== "unconnected") return fail("EINVAL");
  if (socket.listening !== undefined) {
    socket.listening.backlog = wanted;
    return OK;
  }
  if (socket.state !== "CLOSED") return fail("EINVAL");
  socket.detach();
  const { binding, context } = socket;
  if (!binding.autobind() || context.tcpPorts.conflicts(binding, binding, true)) return fail("EADDRINUSE");
  const listening = listenOn(socket, wanted);
  if (typeof listening === "string") return fail(listening);
  socket.listening = listening;
  return OK;
}

/** Opens the listener of a bound socket. */
function listenOn(socket: TcpSocket, backlog: number): Listener | Errno {
  const {
    heldAddress: address,
    heldFamilies: families,
    heldPort: port,
    reusesPort: reusePort,
  } = socket.binding;
  try {
    const listener = socket.context.host.tcp.listen({ address, families, port, backlog, reusePort });
    listener.observer = { acceptable: () => socket.acceptable() };
    keepFastOpenLimit(socket, listener);
    configureListener(socket, listener);
    return listener;
  } catch (error) {
    if (error instanceof NetError) return error.code;
    throw error;
  }
}

/** The socket's options, as they are now, are those of the connections to come. */
export function configureListener(socket: TcpSocket, listener: Listener): void {
  listener.configure(configFor(socket));
  listener.deferAccept = socket.options.get(SOL_TCP, TCP_DEFER_ACCEPT) ?? 0;
  admitFastOpen(socket, listener);
  listener.saveSyn = socket.options.isSet(SOL_TCP, TCP_SAVE_SYN);
}
