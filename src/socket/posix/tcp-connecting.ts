/** How a TCP socket becomes connected: Linux's tcp_v4_connect, and what __inet_stream_connect makes of it. */
import { NetError } from "../../base/errors.ts";
import type { ConnectOptions } from "../../tcp/tcp.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { IpAddress } from "../../wire/address.ts";
import { endpointIn, type GivenAddress, reachable } from "./addresses.ts";
import { AF_INET, AF_UNSPEC, SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { TCP_FASTOPEN_CONNECT } from "./option-names.ts";
import { fail, OK, type SysOutcome, type SysResult } from "./sys-result.ts";
import { isDeferred } from "./tcp-fast-open.ts";
import { configFor } from "./tcp-knobs.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** When a drawn port turns out to be bound explicitly, another is drawn. */
const DRAWS = 64;

type FastOpen = ConnectOptions["fastOpen"];

/** With no family: back to a socket that is not connected. */
export function connectTcp(socket: TcpSocket, given: GivenAddress): SysOutcome {
  if (given.bytes.length < 2) return fail("EINVAL");
  if (given.family === AF_UNSPEC) {
    socket.disconnect();
    return OK;
  }
  socket.settle();
  if (socket.phase === "connected") return fail("EISCONN");
  if (socket.phase === "disconnecting") return fail("EINVAL");
  let waiting: Errno = isDeferred(socket) ? "EISCONN" : "EALREADY";
  if (socket.phase === "unconnected") {
    if (socket.state !== "CLOSED") return fail("EISCONN");
    const mayDefer = socket.options.isSet(SOL_TCP, TCP_FASTOPEN_CONNECT);
    const error = openTcp(socket, given, mayDefer ? "on-first-text" : undefined);
    if (error !== undefined) return fail(error);
    if (isDeferred(socket)) return OK;
    // As on Linux a request for a cookie is in progress as long as the connection lasts.
    socket.isFastOpening = mayDefer;
    waiting = "EINPROGRESS";
  }
  const attempt = (): SysResult | undefined =>
    outcomeOfConnect(socket) ?? (socket.isNonBlocking ? fail(waiting) : undefined);
  return socket.sleep(attempt, socket.sendTimeout, () => fail(waiting));
}

/** Sends the SYN, or says why not. */
export function openTcp(socket: TcpSocket, given: GivenAddress, fastOpen: FastOpen): Errno | undefined {
  const endpoint = endpointIn(socket.inetDomain, given);
  if (typeof endpoint === "string") return endpoint;
  const remote = reachable(endpoint.address);
  if (socket.domain !== AF_INET && remote.family === 4 && socket.binding.isV6Only) return "ENETUNREACH";
  socket.detach();
  try {
    const connection = draw(socket, remote, endpoint.port, fastOpen);
    if (connection === undefined) return "EADDRNOTAVAIL";
    socket.attach(connection);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return error.code === "EADDRINUSE" ? "EADDRNOTAVAIL" : error.code;
  }
  socket.phase = "connecting";
  socket.pendingError = undefined;
  return undefined;
}

/** How the attempt stands; undefined while it is on its way. A failure leaves the socket as it was before. */
export function outcomeOfConnect(socket: TcpSocket): SysResult | undefined {
  socket.settle();
  const { state } = socket;
  if (state === "SYN-SENT" || state === "SYN-RECEIVED") return undefined;
  if (state === "CLOSED") {
    const error = socket.takeError() ?? "ECONNABORTED";
    socket.disconnect();
    return fail(error);
  }
  socket.phase = "connected";
  return OK;
}

/** Opens from the bound port, or from a drawn one that nobody has bound. */
function draw(
  socket: TcpSocket,
  remote: IpAddress,
  remotePort: number,
  fastOpen: FastOpen,
): TcpConnection | undefined {
  const { host, tcpPorts } = socket.context;
  const { source: local, heldPort: localPort, reusesPort: reusePort } = socket.binding;
  const config = configFor(socket);
  for (let i = 0; i < DRAWS; i++) {
    const options = { remote, remotePort, local, localPort, reusePort, config, fastOpen };
    const connection = host.tcp.connect(options);
    if (localPort !== 0) return connection;
    if (!tcpPorts.isHeld(connection.localPort)) {
      socket.binding.hold(connection.local, connection.localPort, true);
      return connection;
    }
    connection.close();
  }
  return undefined;
}
