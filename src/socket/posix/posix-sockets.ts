/**
 * The door: the BSD sockets API of Linux on a host, with file descriptors and errno. One instance is one
 * process.
 *
 * Addresses, options and control messages are given as the bytes that C programs pass (addresses.ts,
 * control-messages.ts and tcp-info-struct.ts make and read them); a null buffer is a null pointer. A call
 * answers with a `SysResult` at once, or, on a blocking descriptor that has to wait, with a promise of one.
 * Closing a descriptor ends the calls that wait on it with EBADF: here Linux would let them wait on.
 */
import type { Scheduler } from "../../base/event-queue.ts";
import type { Host } from "../../host/host.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { type AddressOut, type GivenAddress, giveAddress, givenAddress } from "./addresses.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  O_NONBLOCK,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOCK_TYPE_MASK,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { IntReference } from "./file.ts";
import { type MessageHeader, messageToFill, messageToSend, reportMessage } from "./message-header.ts";
import type { PosixContext } from "./posix-context.ts";
import { PosixFiles } from "./posix-files.ts";
import { SocketFile } from "./socket-file.ts";
import { getOption, setOption } from "./socket-options.ts";
import { UnixSocket } from "./socketpair.ts";
import { fail, isPending, OK, type SysOutcome, type SysResult } from "./sys-result.ts";
import { TcpPorts } from "./tcp-ports.ts";
import { TcpSocket } from "./tcp-socket.ts";
import { UdpSocket } from "./udp-socket.ts";
import { UserMemory } from "./user-memory.ts";

const TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;
/** SOCK_MAX and IPPROTO_MAX. */
const TYPES = 11;
const PROTOCOLS = 263;
const SOCK_RAW = 3;
const SOCK_RDM = 4;

export class PosixSockets extends PosixFiles {
  readonly #context: PosixContext;

  /**
   * @param scheduler for calls with a timeout: the world's or the driver's; without one they wait for ever
   */
  constructor(host: Host, scheduler?: Scheduler) {
    super(scheduler);
    let cookie = 0n;
    this.#context = {
      host,
      scheduler,
      tcpPorts: new TcpPorts(host),
      get now() {
        return host.now;
      },
      nextCookie: () => ++cookie,
    };
  }

  // --- making and naming

  socket(domain: number, type: number, protocol: number): SysResult {
    if ((type & ~SOCK_TYPE_MASK & ~TYPE_FLAGS) !== 0) return fail("EINVAL");
    const made = this.#make(domain, type & SOCK_TYPE_MASK, protocol);
    return typeof made === "string" ? fail(made) : this.#openSocket(made, type);
  }

  /** Two connected sockets of AF_UNIX. */
  socketpair(domain: number, type: number, protocol: number, descriptors: number[]): SysResult {
    if ((type & ~SOCK_TYPE_MASK & ~TYPE_FLAGS) !== 0) return fail("EINVAL");
    const kind = type & SOCK_TYPE_MASK;
    if (domain === AF_INET || domain === AF_INET6) {
      const made = this.#make(domain, kind, protocol);
      return fail(typeof made === "string" ? made : "EOPNOTSUPP");
    }
    if (domain !== AF_UNIX) return fail("EAFNOSUPPORT");
    if (protocol !== 0 && protocol !== AF_UNIX) return fail("EPROTONOSUPPORT");
    if (kind !== SOCK_STREAM && kind !== SOCK_DGRAM && kind !== SOCK_SEQPACKET)
      return fail("ESOCKTNOSUPPORT");
    if (!this.table.hasRoomFor(2)) return fail("EMFILE");
    const [a, b] = UnixSocket.pair(this.#context, kind);
    descriptors[0] = this.#openSocket(a, type).value;
    descriptors[1] = this.#openSocket(b, type).value;
    return OK;
  }

  bind(fd: number, address: Uint8Array | null, length?: number): SysResult {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    const given = givenAddress(address, length);
    return typeof given === "string" ? fail(given) : socket.bind(given);
  }

  listen(fd: number, backlog: number): SysResult {
    const socket = this.#socketOf(fd);
    return typeof socket === "string" ? fail(socket) : socket.listen(backlog);
  }

  accept(fd: number, address: AddressOut | null = null): SysOutcome {
    return this.accept4(fd, address, 0);
  }

  accept4(fd: number, address: AddressOut | null, flags: number): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    if ((flags & ~TYPE_FLAGS) !== 0) return fail("EINVAL");
    if (!this.table.hasRoomFor(1)) return fail("EMFILE");
    return socket.accept((child, peer) => {
      const result = this.#openSocket(child, flags);
      const error = result.value < 0 || address === null ? undefined : giveAddress(address, peer);
      if (error === undefined) return result;
      this.close(result.value);
      return fail(error);
    });
  }

  connect(fd: number, address: Uint8Array | null, length?: number): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    const given = givenAddress(address, length);
    return typeof given === "string" ? fail(given) : socket.connect(given);
  }

  shutdown(fd: number, how: number): SysResult {
    const socket = this.#socketOf(fd);
    return typeof socket === "string" ? fail(socket) : socket.shutdown(how);
  }

  getsockname(fd: number, address: AddressOut): SysResult {
    const socket = this.#socketOf(fd);
    return typeof socket === "string" ? fail(socket) : given(address, socket.localAddress());
  }

  getpeername(fd: number, address: AddressOut): SysResult {
    const socket = this.#socketOf(fd);
    return typeof socket === "string" ? fail(socket) : given(address, socket.peerAddress());
  }

  // --- receiving

  recv(fd: number, buffer: Uint8Array | null, count?: number, flags = 0): SysOutcome {
    return this.recvfrom(fd, buffer, count, flags);
  }

  recvfrom(
    fd: number,
    buffer: Uint8Array | null,
    count?: number,
    flags = 0,
    address: AddressOut | null = null,
  ): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    const memory = UserMemory.of(buffer, count);
    const message = { memory, address: undefined, control: undefined, flags: 0 };
    return then(socket.receive(message, flags), result => {
      if (address === null) return result;
      const error = giveAddress(address, message.address ?? new Uint8Array(0));
      return error === undefined ? result : fail(error);
    });
  }

  recvmsg(fd: number, header: MessageHeader | null, flags = 0): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    if (header === null) return fail("EFAULT");
    const message = messageToFill(header);
    if (typeof message === "string") return fail(message);
    return then(socket.receive(message, flags), result => {
      const error = reportMessage(header, message);
      return error === undefined ? result : fail(error);
    });
  }

  // --- sending

  send(fd: number, buffer: Uint8Array | null, count?: number, flags = 0): SysOutcome {
    return this.sendto(fd, buffer, count, flags);
  }

  sendto(
    fd: number,
    buffer: Uint8Array | null,
    count?: number,
    flags = 0,
    address: Uint8Array | null = null,
    length?: number,
  ): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    let to: GivenAddress | undefined;
    if (address !== null) {
      const given = givenAddress(address, length);
      if (typeof given === "string") return fail(given);
      to = given;
    }
    return socket.send({ memory: UserMemory.of(buffer, count), address: to, control: [] }, flags);
  }

  sendmsg(fd: number, header: MessageHeader | null, flags = 0): SysOutcome {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    if (header === null) return fail("EFAULT");
    const message = messageToSend(header);
    return typeof message === "string" ? fail(message) : socket.send(message, flags);
  }

  // --- options

  /** `length.value` is the room in `value`, and then what the option took of it. */
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array | null,
    length: IntReference | null,
  ): SysResult {
    const socket = this.#socketOf(fd);
    return typeof socket === "string" ? fail(socket) : getOption(socket, level, name, value, length);
  }

  setsockopt(fd: number, level: number, name: number, value: Uint8Array | null, length?: number): SysResult {
    const socket = this.#socketOf(fd);
    if (typeof socket === "string") return fail(socket);
    return setOption(socket, level, name, value, length ?? value?.length ?? 0);
  }

  // --- for display and tests

  /** The connection behind a TCP socket's descriptor. */
  connectionOf(fd: number): TcpConnection | undefined {
    const file = this.table.get(fd);
    return file instanceof TcpSocket ? file.connection : undefined;
  }

  #make(domain: number, type: number, protocol: number): SocketFile | Errno {
    if (domain !== AF_INET && domain !== AF_INET6) return "EAFNOSUPPORT";
    if (type >= TYPES || protocol < 0 || protocol >= PROTOCOLS) return "EINVAL";
    if (type === SOCK_STREAM)
      return protocol === 0 || protocol === IPPROTO_TCP
        ? new TcpSocket(this.#context, domain)
        : "EPROTONOSUPPORT";
    if (type === SOCK_DGRAM)
      return protocol === 0 || protocol === IPPROTO_UDP
        ? new UdpSocket(this.#context, domain)
        : "EPROTONOSUPPORT";
    // Raw sockets are not for everybody, and here for nobody.
    if (type === SOCK_RAW) return protocol === 0 ? "EPROTONOSUPPORT" : "EPERM";
    return type === SOCK_RDM || type === SOCK_SEQPACKET || type === 0 ? "ESOCKTNOSUPPORT" : "EINVAL";
  }

  #openSocket(socket: SocketFile, flags: number): SysResult {
    if ((flags & SOCK_NONBLOCK) !== 0) socket.flags |= O_NONBLOCK;
    return this.open(socket, (flags & SOCK_CLOEXEC) !== 0);
  }

  #socketOf(fd: number): SocketFile | Errno {
    const file = this.table.get(fd);
    if (file === undefined) return "EBADF";
    return file instanceof SocketFile ? file : "ENOTSOCK";
  }
}

function given(out: AddressOut, address: Uint8Array | Errno): SysResult {
  if (typeof address === "string") return fail(address);
  const error = giveAddress(out, address);
  return error === undefined ? OK : fail(error);
}

/** A call that succeeded has something left to report. */
function then(outcome: SysOutcome, finish: (result: SysResult) => SysResult): SysOutcome {
  const finished = (result: SysResult): SysResult => (result.value < 0 ? result : finish(result));
  return isPending(outcome) ? outcome.then(finished) : finished(outcome);
}
