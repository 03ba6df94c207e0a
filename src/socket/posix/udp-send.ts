/** Sending on a UDP socket: Linux's udp_sendmsg, with what MSG_MORE and UDP_CORK hold back. */
import { concatBytes } from "../../base/bytes.ts";
import type { UdpDestination } from "../../udp/udp-endpoint.ts";
import { reachable } from "./addresses.ts";
import { MSG_MORE, MSG_OOB, SEND_SHUTDOWN, SOL_IP, SOL_IPV6, SOL_UDP } from "./constants.ts";
import type { ControlMessage } from "./control-messages.ts";
import type { Errno } from "./errno.ts";
import { IP_TOS, IP_TTL, IPV6_HOPLIMIT, IPV6_TCLASS, UDP_CORK, UDP_SEGMENT } from "./option-names.ts";
import type { OutgoingMessage } from "./socket-file.ts";
import { fail, type SysResult, succeed } from "./sys-result.ts";
import type { UdpSocket } from "./udp-socket.ts";

/** 65,535 less the headers of IPv4 and UDP. */
const LARGEST = 65_507;

interface Held {
  readonly destination: UdpDestination | undefined;
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A datagram that is still being put together. Its first part says where it goes, and how it is cut. */
export class CorkedDatagram {
  #parts: Uint8Array[] = [];
  #destination: UdpDestination | undefined = undefined;
  #size = 0;

  get length(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  get isOpen(): boolean {
    return this.#parts.length > 0;
  }

  add(bytes: Uint8Array, destination: UdpDestination | undefined, size: number): void {
    if (!this.isOpen) {
      this.#destination = destination;
      this.#size = size;
    }
    this.#parts.push(bytes.slice());
  }

  /** A connect turns it aside, as on Linux. */
  redirect(destination: UdpDestination): void {
    if (this.isOpen) this.#destination = destination;
  }

  release(): Held | undefined {
    if (!this.isOpen) return undefined;
    const held = { destination: this.#destination, bytes: concatBytes(this.#parts), size: this.#size };
    this.#parts = [];
    this.#destination = undefined;
    return held;
  }
}

export function sendToUdp(socket: UdpSocket, message: OutgoingMessage, flags: number): SysResult {
  const { memory } = message;
  if (socket.autobind() !== undefined) return fail("EAGAIN");
  if (memory.length > 0xffff) return fail("EMSGSIZE");
  if ((flags & MSG_OOB) !== 0) return fail("EOPNOTSUPP");
  // What continues a datagram goes where that goes, and has been allowed with it.
  const to = socket.corked.isOpen ? undefined : destinationOf(socket, message);
  if (typeof to === "string") return fail(to);
  if (!socket.corked.isOpen) {
    if (socket.pendingError !== undefined) return fail(socket.takeError() ?? "EPIPE");
    if ((socket.shutdownMask & SEND_SHUTDOWN) !== 0) return fail("EPIPE");
  }
  const size = sizeFor(socket, message.control);
  if (typeof size === "string") return fail(size);
  if (socket.corked.length + memory.length > LARGEST) return fail("EMSGSIZE");
  const bytes = memory.gather();
  if (bytes === undefined) return fail("EFAULT");
  const holdsBack = (flags & MSG_MORE) !== 0 || socket.options.isSet(SOL_UDP, UDP_CORK);
  if (holdsBack || socket.corked.isOpen) socket.corked.add(bytes, to ?? socket.peer, size);
  const error = holdsBack
    ? undefined
    : (flush(socket) ??
      withControl(socket, message.control, () => socket.endpoint.sendMany(bytes, size, to)));
  return typeof error === "string" ? fail(error) : succeed(bytes.length);
}

/** Sends what has been gathered; undefined: there was nothing. */
export function flush(socket: UdpSocket): Errno | true | undefined {
  const held = socket.corked.release();
  if (held === undefined) return undefined;
  return socket.endpoint.sendMany(held.bytes, held.size, held.destination) ?? true;
}

/** How long each datagram is to be: what UDP_SEGMENT says as a control message, else as an option. 0: one. */
function sizeFor({ options }: UdpSocket, control: readonly ControlMessage[]): number | Errno {
  let size = options.get(SOL_UDP, UDP_SEGMENT) ?? 0;
  for (const { level, type, data } of control) {
    if (level !== SOL_UDP) continue;
    if (type !== UDP_SEGMENT || data.length !== 2) return "EINVAL";
    size = new DataView(data.buffer, data.byteOffset).getUint16(0, true);
  }
  return size;
}

function destinationOf(socket: UdpSocket, { address }: OutgoingMessage): UdpDestination | Errno | undefined {
  if (address === undefined || address.bytes.length === 0)
    return socket.isConnected ? undefined : "EDESTADDRREQ";
  const to = socket.destination(address, true);
  if (typeof to === "string") return to;
  if (to.port === 0) return "EINVAL";
  return { address: reachable(to.address), port: to.port };
}

/**
 * TTL and TOS as control messages: for this datagram alone. Others that we do not know are errors, as on
 * Linux.
 */
function withControl(
  { endpoint }: UdpSocket,
  control: readonly ControlMessage[],
  send: () => Errno | undefined,
): Errno | undefined {
  const { hopLimit, trafficClass } = endpoint;
  try {
    for (const { level, type, data } of control) {
      const value =
        data.length >= 4 ? new DataView(data.buffer, data.byteOffset).getInt32(0, true) : (data[0] ?? 0);
      if ((level === SOL_IP && type === IP_TTL) || (level === SOL_IPV6 && type === IPV6_HOPLIMIT)) {
        if (value < 0 || value > 255) return "EINVAL";
        endpoint.hopLimit = value;
      } else if ((level === SOL_IP && type === IP_TOS) || (level === SOL_IPV6 && type === IPV6_TCLASS)) {
        if (value < 0 || value > 255) return "EINVAL";
        endpoint.trafficClass = value;
      } else if (level === SOL_IP || level === SOL_IPV6) return "EINVAL";
    }
    return send();
  } finally {
    endpoint.hopLimit = hopLimit;
    endpoint.trafficClass = trafficClass;
  }
}
