/**
 * Fast Open as sockets have it: MSG_FASTOPEN, which connects and writes in one call (Linux's
 * tcp_sendmsg_fastopen), TCP_FASTOPEN_CONNECT, by which connect leaves the SYN to the first write, and what
 * listeners are told. The mechanism is TCP's: RFC 7413.
 */
import { openNow } from "../../tcp/connection-options.ts";
import { FAST_OPEN } from "../../tcp/handshake/fast-open/modes.ts";
import { FastOpenKeys } from "../../tcp/handshake/fast-open/server-keys.ts";
import type { Listener } from "../../tcp/handshake/listener.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { AF_UNSPEC, SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { TCP_FASTOPEN, TCP_FASTOPEN_NO_COOKIE } from "./option-names.ts";
import type { OutgoingMessage } from "./socket-file.ts";
import { fail, type SysOutcome, type SysResult } from "./sys-result.ts";
import { openTcp, outcomeOfConnect } from "./tcp-connecting.ts";
import type { TcpSocket } from "./tcp-socket.ts";
import type { UserMemory } from "./user-memory.ts";

/** The rest of a write, when the connection is open. */
export interface WriteToCome {
  /** The SYN has taken so much. */
  begun(taken: number): void;
  attempt(): SysResult | undefined;
  /** The call ends here: with what it has done, if anything. */
  stopped(errno: Errno): SysResult;
}

/** A write that opens the connection. */
export function sendWithFastOpen(
  socket: TcpSocket,
  message: OutgoingMessage,
  flags: number,
  write: WriteToCome,
): SysOutcome {
  const { address } = message;
  const dissolves = address !== undefined && address.bytes.length >= 2 && address.family === AF_UNSPEC;
  if ((socket.config.fastOpen & FAST_OPEN.client) === 0 || dissolves) return fail("EOPNOTSUPP");
  if (socket.isFastOpening) return fail("EALREADY");
  const begun = begin(socket, message);
  if (typeof begun === "string") return fail(begun);
  write.begun(begun.taken);
  const call = new FastOpenCall(socket, begun, flags, write);
  expectMore(socket, begun.taken < message.memory.length && socket.mayWait(flags));
  return socket.sleep(
    () => call.attempt(),
    socket.sendTimeout,
    () => call.expired(),
  );
}

/** What the SYN took, and what a call that does not wait is told. */
interface Begun {
  readonly taken: number;
  readonly errno: Errno;
}

/** The call waits for the connection, then writes the rest. */
class FastOpenCall {
  readonly #socket: TcpSocket;
  readonly #begun: Begun;
  readonly #flags: number;
  readonly #write: WriteToCome;
  #isOpen = false;

  constructor(socket: TcpSocket, begun: Begun, flags: number, write: WriteToCome) {
    this.#socket = socket;
    this.#begun = begun;
    this.#flags = flags;
    this.#write = write;
    socket.isFastOpening = true;
  }

  attempt(): SysResult | undefined {
    const result = this.#isOpen ? this.#write.attempt() : this.#waitForConnection();
    if (result !== undefined) this.#socket.isFastOpening = false;
    return result;
  }

  expired(): SysResult {
    this.#socket.isFastOpening = false;
    return this.#write.stopped(this.#isOpen ? "EAGAIN" : this.#begun.errno);
  }

  #waitForConnection(): SysResult | undefined {
    const outcome = outcomeOfConnect(this.#socket);
    if (outcome === undefined) {
      return this.#socket.mayWait(this.#flags) ? undefined : this.#write.stopped(this.#begun.errno);
    }
    if (outcome.value < 0) return outcome;
    this.#isOpen = true;
    return this.#write.attempt();
  }
}

/** Text follows at once when the SYN-ACK comes, and takes the acknowledgment with it. */
function expectMore({ connection }: TcpSocket, isExpected: boolean): void {
  if (connection !== undefined) connection.expectsText = isExpected;
}

function begin(socket: TcpSocket, message: OutgoingMessage): Begun | Errno {
  socket.settle();
  if (isDeferred(socket)) return { taken: fill(socket.connection, message.memory), errno: "EINPROGRESS" };
  switch (socket.phase) {
    case "connected":
      return "EISCONN";
    case "disconnecting":
      return "EINVAL";
    case "connecting":
      return { taken: 0, errno: "EALREADY" };
    default: {
      if (socket.state !== "CLOSED") return "EISCONN";
      const { address } = message;
      if (address === undefined || address.bytes.length < 2) return "EINVAL";
      const error = openTcp(socket, address, "at-once");
      return error ?? { taken: fill(socket.connection, message.memory), errno: "EINPROGRESS" };
    }
  }
}

/** As much of the message as the SYN takes. Memory that faults at once leaves the SYN without text. */
function fill(connection: TcpConnection | undefined, memory: UserMemory): number {
  if (connection?.fastOpen?.role !== "client") return 0;
  const { fastOpen } = connection;
  const most = Math.min(fastOpen.room, memory.length);
  let taken = 0;
  while (taken < most) {
    const run = memory.run(taken, most - taken);
    const count = run === undefined ? 0 : connection.send(run);
    if (count === 0) break;
    taken += count;
  }
  if (taken === 0 && most > 0) fastOpen.withoutText();
  openNow(connection);
  return taken;
}

/** `connect` has left the SYN to the first write. */
export function isDeferred(socket: TcpSocket): socket is TcpSocket & { readonly connection: TcpConnection } {
  const { connection } = socket;
  return (
    connection?.state === "SYN-SENT" &&
    connection.fastOpen?.role === "client" &&
    connection.fastOpen.isDeferred
  );
}

/** `listen` allows Fast Open where the host does for every listener: as if the user had. */
export function keepFastOpenLimit({ options }: TcpSocket, { fastOpen }: Listener): void {
  if (fastOpen !== undefined && !options.isSet(SOL_TCP, TCP_FASTOPEN))
    options.set(SOL_TCP, TCP_FASTOPEN, fastOpen.limit);
}

/** What a listener is told of the socket's options. */
export function admitFastOpen(socket: TcpSocket, listener: Listener): void {
  const limit = socket.options.get(SOL_TCP, TCP_FASTOPEN);
  const requests = limit === undefined ? listener.fastOpen : listener.allowFastOpen(limit);
  if (requests === undefined) return;
  requests.withoutCookie = socket.options.isSet(SOL_TCP, TCP_FASTOPEN_NO_COOKIE);
  requests.keys = socket.fastOpenKey.length > 0 ? new FastOpenKeys(socket.fastOpenKey) : undefined;
}

/** TCP_FASTOPEN_KEY as getsockopt tells it: the socket's own, or the host's. */
export function fastOpenKey(socket: TcpSocket): Uint8Array {
  if (socket.fastOpenKey.length > 0) return socket.fastOpenKey;
  return socket.context.host.tcp.context.config.fastOpenKey ?? new Uint8Array(0);
}
